import { describe, expect, test } from 'vitest';

import { filterByField, filterByLabel, histogramQuery, isMetricQuery, needles, quote, toQuery } from '../src/logql/query_text';

describe('toQuery', () => {
  test('leaves LogQL as it stands', () => {
    for (const query of ['{app="x"} |= "y"', 'sum(rate({app="x"}[5m]))', 'vector(1)']) expect(toQuery(query)).toBe(query);
  });
  test('makes a search of plain words and of bare filters', () => {
    expect(toQuery('connection reset')).toBe('{service_name=~".+"} |= "connection reset"');
    expect(toQuery('say "hi"')).toBe('{service_name=~".+"} |= "say \\"hi\\""');
    expect(toQuery('|= "x"')).toBe('{service_name=~".+"} |= "x"');
    expect(toQuery('  ')).toBe('{service_name=~".+"}');
  });
});

describe('isMetricQuery', () => {
  test('tells metric queries from log queries', () => {
    expect(isMetricQuery('sum by (a) (count_over_time({a="b"}[1m]))')).toBe(true);
    expect(isMetricQuery('{a="rate("}')).toBe(false);
    expect(isMetricQuery('words (in brackets)')).toBe(false);
  });
});

describe('filters by click', () => {
  test('a label goes into the selector, also behind braces in strings', () => {
    expect(filterByLabel('{app="a}"} |= "x"', 'host', 'h', true)).toBe('{app="a}", host="h"} |= "x"');
    expect(filterByLabel('{app="a"}', 'host', 'h', false)).toContain('host!="h"');
  });
  test('a field becomes a stage with its value quoted', () => {
    expect(filterByField('{app="a"}', 'path', '/a"b', true)).toBe(`{app="a"} | path=${quote('/a"b')}`);
  });
});

test('the histogram counts by level', () => {
  expect(histogramQuery('{app="a"}', 60_000)).toMatch(/^sum by \(detected_level\)/);
  expect(histogramQuery('{app="a"}', 60_000)).toContain('{app="a"}');
});

test('needles are the strings of positive line filters', () => {
  expect(needles('{a="b"} |= "one" != "two"')).toEqual(['one']);
});

/** Edits of query text. The server parses LogQL; this file knows just enough of it to edit. */

export const kDefaultQuery = '{service_name=~".+"}';

/** A LogQL string literal. JSON's escapes are a subset of LogQL's. */
export function quote(value: string): string {
  return JSON.stringify(value);
}

const kMetricStart = /^(\(|[a-z_0-9]+\s*(\(|by\b|without\b)|[\d.]+\s*[-+*/%^])/;

export function isMetricQuery(query: string): boolean {
  return kMetricStart.test(query.trim()) && /[{]|vector\s*\(/.test(query);
}

/** What the user typed as a query: LogQL as it stands, plain words as a search in all logs. */
export function toQuery(typed: string): string {
  const text = typed.trim();
  if (text === '') return kDefaultQuery;
  if (text.startsWith('{') || isMetricQuery(text)) return text;
  if (/^(\|[=~>]|![=~>]|\|)/.test(text)) return `${kDefaultQuery} ${text}`;
  return `${kDefaultQuery} |= ${quote(text)}`;
}

interface Selector {
  begin: number; // of '{'
  end: number; // behind '}'
}

/** Steps over a string literal that begins at `at`; returns the index behind it. */
function skipString(query: string, at: number): number {
  const delimiter = query[at];
  for (let i = at + 1; i < query.length; i++) {
    if (query[i] === '\\' && delimiter === '"') i++;
    else if (query[i] === delimiter) return i + 1;
  }
  return query.length;
}

function findSelector(query: string): Selector | undefined {
  const begin = query.indexOf('{');
  if (begin < 0) return undefined;
  for (let i = begin + 1; i < query.length; ) {
    const c = query[i];
    if (c === '"' || c === '`') i = skipString(query, i);
    else if (c === '}') return { begin, end: i + 1 };
    else i++;
  }
  return undefined;
}

/** The matchers of a selector's inside, split at commas outside strings. */
function splitMatchers(inside: string): string[] {
  const matchers: string[] = [];
  let begin = 0;
  for (let i = 0; i <= inside.length; ) {
    const c = inside[i];
    if (c === '"' || c === '`') {
      i = skipString(inside, i);
      continue;
    }
    if (c === ',' || c === undefined) {
      const matcher = inside.slice(begin, i).trim();
      if (matcher !== '') matchers.push(matcher);
      begin = i + 1;
    }
    i++;
  }
  return matchers;
}

const sameName = (matcher: string, name: string): boolean => /^\w+/.exec(matcher)?.[0] === name;

/** Narrows the selector to a label's value, or shuts the value out. */
export function filterByLabel(query: string, name: string, value: string, include: boolean): string {
  const selector = findSelector(query);
  if (!selector) return query;
  const wanted = `${name}${include ? '=' : '!='}${quote(value)}`;
  const matchers = splitMatchers(query.slice(selector.begin + 1, selector.end - 1));
  // An included value replaces what was asked of the label before; exclusions add up.
  const kept = matchers.filter((matcher) => matcher !== wanted && !(include && sameName(matcher, name)));
  return `${query.slice(0, selector.begin)}{${[...kept, wanted].join(', ')}}${query.slice(selector.end)}`;
}

/** Adds a label filter at the pipeline's end: for structured metadata and parsed fields. */
export function filterByField(query: string, name: string, value: string, include: boolean): string {
  const stage = `| ${name}${include ? '=' : '!='}${quote(value)}`;
  return query.includes(stage) ? query : `${query.trimEnd()} ${stage}`;
}

/** Counts of a log query per step and level. */
export function histogramQuery(query: string, stepMs: number): string {
  // A comment would swallow what follows on its line.
  const gap = query.includes('#') ? '\n' : ' ';
  return `sum by (detected_level) (count_over_time(${query}${gap}[${stepMs / 1000}s]))`;
}

/** The substrings a log query asks for (`|= "..."`), to be marked in the lines. */
export function needles(query: string): string[] {
  const found: string[] = [];
  const selector = findSelector(query);
  const pipeline = selector ? query.slice(selector.end) : query;
  for (let i = 0; i < pipeline.length; ) {
    const c = pipeline[i];
    if (c !== '"' && c !== '`') {
      i++;
      continue;
    }
    const end = skipString(pipeline, i);
    if (/\|=\s*$/.test(pipeline.slice(0, i))) {
      const text = unquote(pipeline.slice(i, end));
      if (text) found.push(text);
    }
    i = end;
  }
  return found;
}

function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

import { kDefaultQuery } from '../logql/query_text';
import { type TimeRange, formatDuration, kDefaultRange, parseDuration } from '../time/range';

/** All of the page that a link carries. */
export interface PageState {
  query: string;
  range: TimeRange;
  view: 'logs' | 'host';
  live: boolean;
}

export function parseLocation(search: string): PageState {
  const parameters = new URLSearchParams(search);
  return {
    query: parameters.get('q') ?? kDefaultQuery,
    range: parseRange(parameters),
    view: parameters.get('view') === 'host' ? 'host' : 'logs',
    live: parameters.get('live') === '1',
  };
}

function parseRange(parameters: URLSearchParams): TimeRange {
  const from = Number(parameters.get('from'));
  const to = Number(parameters.get('to'));
  if (Number.isFinite(from) && Number.isFinite(to) && from > 0 && to > from) return { kind: 'fixed', from, to };
  const ms = parseDuration(parameters.get('range') ?? '');
  return ms === undefined ? kDefaultRange : { kind: 'last', ms };
}

export function formatLocation(state: PageState): string {
  const parameters = new URLSearchParams();
  if (state.query !== kDefaultQuery) parameters.set('q', state.query);
  if (state.range.kind === 'last') {
    parameters.set('range', formatDuration(state.range.ms));
  } else {
    parameters.set('from', String(state.range.from));
    parameters.set('to', String(state.range.to));
  }
  if (state.view !== 'logs') parameters.set('view', state.view);
  if (state.live) parameters.set('live', '1');
  return `?${parameters.toString()}`;
}

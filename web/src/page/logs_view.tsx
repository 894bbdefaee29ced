import { useEffect, useState } from 'preact/hooks';

import { Histogram } from '../chart/histogram';
import { formatCount } from '../chart/format';
import { LogList } from '../logs/log_list';
import { countRows } from '../logs/row_chunks';
import { SeriesView } from '../logs/series_view';
import { type LiveState, useLive } from '../logs/use_live';
import type { Search } from '../logs/use_search';
import { isMetricQuery, kDefaultQuery } from '../logql/query_text';
import { type TimeRange, parseDuration } from '../time/range';
import type { PageState } from './location';

const kSuggestions: { text: string; query: string }[] = [
  { text: 'All logs', query: kDefaultQuery },
  { text: 'Errors', query: `${kDefaultQuery} | detected_level=~"error|critical|fatal"` },
  { text: 'Lines per service', query: `sum by (service_name) (count_over_time(${kDefaultQuery} [1m]))` },
  { text: 'CPU over time', query: 'avg_over_time({source="cpu"} | unwrap busy_percent [15s]) by (host)' },
  { text: 'Busiest processes', query: '{source="process"} | cpu_percent > 10' },
];

function LiveBar({ live, paused, onPause }: { live: LiveState; paused: boolean; onPause: () => void }) {
  return (
    <span class="live-bar" role="status">
      <i class={`pulse ${live.connected && !paused ? 'on' : ''}`} />
      {live.connected ? `${live.rate.toFixed(1)} lines/s` : 'connecting'}
      {live.dropped > 0 && <span class="error">{`${formatCount(live.dropped)} dropped`}</span>}
      <button type="button" aria-pressed={paused} onClick={onPause}>{paused ? `Resume (${live.waiting} new)` : 'Pause'}</button>
    </span>
  );
}

/** What to try when nothing was found. */
function Nothing({ range, live, onRange, onQuery, query }: {
  range: TimeRange; live: boolean; query: string; onRange: (range: TimeRange) => void; onQuery: (query: string) => void;
}) {
  return (
    <div class="nothing">
      <h2>{live ? 'Waiting for the first line' : 'No lines in this range'}</h2>
      <p>{live ? 'New lines that match appear here at once.' : 'Widen the range, or ask for less.'}</p>
      <p>
        {['24h', '7d'].map((text) => range.kind === 'last' && range.ms >= parseDuration(text)! ? null : (
          <button key={text} type="button" onClick={() => onRange({ kind: 'last', ms: parseDuration(text)! })}>{`Search the last ${text}`}</button>
        ))}
        {query !== kDefaultQuery && <button type="button" onClick={() => onQuery(kDefaultQuery)}>Show all logs</button>}
      </p>
    </div>
  );
}

export function LogsView({ page, search, onQuery, onRange, onLive }: {
  page: PageState; search: Search; onQuery: (query: string) => void; onRange: (range: TimeRange) => void; onLive: () => void;
}) {
  const [paused, setPaused] = useState(false);
  const { state } = search;
  const metric = isMetricQuery(page.query);
  const live = useLive(page.query, page.live && !metric && !state.error, paused, search);
  useEffect(() => setPaused(false), [page.live, page.query]);
  const rows = countRows(state.chunks);
  const empty = !state.loading && !state.error && (state.series ? state.series.length === 0 : rows === 0);
  const found = state.series ? `${state.series.length} series` : `${rows.toLocaleString()}${state.hasMore ? '+' : ''} lines`;

  return (
    <main class={state.loading ? 'loading' : ''} aria-busy={state.loading}>
      <div class="toolbar">
        <nav class="suggestions" aria-label="Suggestions">{kSuggestions.map(({ text, query }) => (
          <button key={text} type="button" aria-pressed={page.query === query} onClick={() => onQuery(query)}>{text}</button>
        ))}</nav>
        <span class="summary muted">{state.error ? '' : state.loading ? 'searching' : `${found}${page.live || state.tookMs === undefined ? '' : `, ${Math.round(state.tookMs)} ms`}`}</span>
        {page.live && !metric && <LiveBar live={live} paused={paused} onPause={() => setPaused(!paused)} />}
        {!metric && <button type="button" class="live-switch" role="switch" aria-checked={page.live} onClick={onLive} title="Follow new lines (t)">Live</button>}
      </div>
      {state.error && <div class="error-box" role="alert"><b>The query was not answered</b><pre>{state.error}</pre></div>}
      {state.buckets && <Histogram buckets={state.buckets} onZoom={({ from, to }) => onRange({ kind: 'fixed', from, to })} />}
      {state.series && state.series.length > 0 && <SeriesView series={state.series} window={state.window} />}
      {rows > 0 && <LogList chunks={state.chunks} query={page.query} onQuery={onQuery} />}
      {empty && <Nothing range={page.range} live={page.live} query={page.query} onRange={onRange} onQuery={onQuery} />}
      {rows > 0 && (state.hasMore
        ? <button type="button" class="more" disabled={state.loading} onClick={search.loadOlder}>Load older lines</button>
        : <p class="end muted">{page.live ? '' : 'No older lines in this range.'}</p>)}
    </main>
  );
}

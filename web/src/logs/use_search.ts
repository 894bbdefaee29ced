import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import { type Series, queryLogs, querySeries } from '../api/loki';
import type { Buckets } from '../chart/histogram';
import { histogramQuery, isMetricQuery } from '../logql/query_text';
import { type TimeRange, type Window, msToNanos, resolveRange, roundStep } from '../time/range';
import { alignWindow, toBuckets } from './buckets';
import { type RowChunks, append, countRows, toChunks } from './row_chunks';

export const kPageRows = 500;
const kHistogramBuckets = 90;
const kSeriesPoints = 240;

export interface SearchState {
  loading: boolean;
  error?: string | undefined;
  chunks: RowChunks;
  hasMore: boolean;
  buckets?: Buckets | undefined;
  series?: Series[] | undefined; // of a metric query
  window: Window;
  tookMs?: number | undefined;
}

export interface Search {
  state: SearchState;
  update: (change: (state: SearchState) => SearchState) => void;
  loadOlder: () => void;
}

/** Runs a query whenever it, its range or `run` changes; an answer that comes too late is dropped. */
export function useSearch(query: string, range: TimeRange, run: number): Search {
  const [state, setState] = useState<SearchState>(() => ({
    loading: true, chunks: [], hasMore: false, window: resolveRange(range, Date.now()),
  }));
  const abort = useRef<AbortController>();

  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    const window = resolveRange(range, Date.now());
    const started = performance.now();
    setState((state) => ({ ...state, loading: true, error: undefined, window }));
    const finish = (change: Partial<SearchState>): void => {
      if (controller.signal.aborted) return;
      const empty = { chunks: [], hasMore: false, buckets: undefined, series: undefined };
      setState({ ...empty, loading: false, window, tookMs: performance.now() - started, ...change });
    };
    const fail = (error: unknown): void => finish({ error: error instanceof Error ? error.message : String(error) });
    if (isMetricQuery(query)) {
      const step = roundStep(window, kSeriesPoints);
      querySeries(query, alignWindow(window, step), step, controller.signal).then((series) => finish({ series }), fail);
    } else {
      const step = roundStep(window, kHistogramBuckets);
      const aligned = alignWindow(window, step);
      // A point tells of the step before it, so the first one lies a step behind the border.
      const points = { from: aligned.from + step, to: aligned.to };
      Promise.all([
        queryLogs(query, msToNanos(window.from), msToNanos(window.to), kPageRows, controller.signal),
        querySeries(histogramQuery(query, step), points, step, controller.signal),
      ]).then(([rows, series]) => finish({
        chunks: toChunks(rows), hasMore: rows.length >= kPageRows, buckets: toBuckets(series, aligned, step),
      }), fail);
    }
    return () => controller.abort();
  }, [query, JSON.stringify(range), run]);

  const loadOlder = useCallback(() => {
    const last = state.chunks.at(-1)?.at(-1);
    const signal = abort.current?.signal;
    if (!last || state.loading) return;
    setState((state) => ({ ...state, loading: true }));
    const fetchBefore = (endNs: bigint): Promise<void> =>
      queryLogs(query, msToNanos(state.window.from), String(endNs), kPageRows, signal).then((older) => {
        if (signal?.aborted) return;
        const chunks = append(state.chunks, older);
        // A whole page of one nanosecond that is known already: step over it, or there is no end.
        if (older.length >= kPageRows && countRows(chunks) === countRows(state.chunks)) return fetchBefore(BigInt(last.ns));
        setState((state) => ({ ...state, loading: false, chunks, hasMore: older.length >= kPageRows }));
        return undefined;
      });
    // `end` is exclusive: one more, for other records of the oldest row's nanosecond.
    fetchBefore(BigInt(last.ns) + 1n).catch((error: unknown) => {
      if (!signal?.aborted) setState((state) => ({ ...state, loading: false, error: String((error as Error).message) }));
    });
  }, [query, state]);

  return { state, update: setState, loadOlder };
}

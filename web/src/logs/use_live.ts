import { useEffect, useRef, useState } from 'preact/hooks';

import type { LogRow } from '../api/loki';
import { openTail } from '../api/tail';
import { advance } from './buckets';
import { prepend } from './row_chunks';
import type { Search } from './use_search';

const kMaxRows = 5000;
const kFlushMs = 250;
const kRateWindowMs = 5000;

export interface LiveState {
  connected: boolean;
  rate: number; // lines per second
  dropped: number;
  waiting: number; // rows that came while paused
}

const kIdle: LiveState = { connected: false, rate: 0, dropped: 0, waiting: 0 };

/** Follows the query while `active`, and feeds the rows into the search. Rows are shown in batches. */
export function useLive(query: string, active: boolean, paused: boolean, search: Search): LiveState {
  const [state, setState] = useState<LiveState>(kIdle);
  const isPaused = useRef(paused);
  isPaused.current = paused;

  useEffect(() => {
    if (!active) return;
    let waiting: LogRow[] = [];
    let dropped = 0;
    let connected = false;
    let arrivals: { at: number; rows: number }[] = [];
    const close = openTail(query, {
      rows: (rows, lost) => {
        waiting = [...rows, ...waiting];
        dropped += lost + Math.max(0, waiting.length - kMaxRows);
        waiting.length = Math.min(waiting.length, kMaxRows);
        arrivals.push({ at: performance.now(), rows: rows.length });
      },
      state: (isConnected) => { connected = isConnected; },
    });
    const timer = setInterval(() => {
      const now = performance.now();
      arrivals = arrivals.filter(({ at }) => now - at < kRateWindowMs);
      const rate = arrivals.reduce((sum, { rows }) => sum + rows, 0) / (kRateWindowMs / 1000);
      if (!isPaused.current) {
        const rows = waiting;
        waiting = [];
        search.update((state) => ({
          ...state,
          chunks: rows.length > 0 ? prepend(state.chunks, rows, kMaxRows) : state.chunks,
          buckets: state.buckets && advance(state.buckets, rows, Date.now()),
        }));
      }
      setState({ connected, rate, dropped, waiting: waiting.length });
    }, kFlushMs);
    return () => {
      close();
      clearInterval(timer);
      setState(kIdle);
    };
  }, [query, active]);
  return state;
}

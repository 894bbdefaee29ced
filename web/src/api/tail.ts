import { type LogRow, type StreamAnswer, toRows } from './loki';

export interface TailListener {
  rows(rows: LogRow[], dropped: number): void;
  state(connected: boolean): void;
}

/** Follows a query over server-sent events. Returns the function that ends it. */
export function openTail(query: string, listener: TailListener): () => void {
  const source = new EventSource(`/api/v1/tail?${new URLSearchParams({ query }).toString()}`);
  source.onopen = () => listener.state(true);
  source.onerror = () => listener.state(false);
  source.onmessage = (event: MessageEvent<string>) => {
    const answer = JSON.parse(event.data) as { streams?: StreamAnswer[] | null; dropped_entries?: unknown[] | null };
    listener.rows(toRows(answer.streams ?? []), answer.dropped_entries?.length ?? 0);
  };
  return () => source.close();
}

import { type Window, msToNanos } from '../time/range';

export type LabelMap = Record<string, string>;

/** One log record as the page shows it. */
export interface LogRow {
  id: number;
  ns: string;
  line: string;
  stream: LabelMap;
  metadata: LabelMap;
  parsed: LabelMap;
}

export interface Series {
  labels: LabelMap;
  points: [ms: number, value: number][];
}

type Categories = { structuredMetadata?: LabelMap; parsed?: LabelMap };
export interface StreamAnswer {
  stream: LabelMap;
  values: [string, string, Categories?][];
}

export class QueryError extends Error {}

let nextId = 0;

export function toRows(streams: StreamAnswer[]): LogRow[] {
  const rows: LogRow[] = [];
  for (const { stream, values } of streams)
    for (const [ns, line, categories] of values)
      rows.push({
        id: nextId++, ns, line, stream,
        metadata: categories?.structuredMetadata ?? {},
        parsed: categories?.parsed ?? {},
      });
  return rows.sort(newestFirst);
}

/** Nanosecond texts compare as numbers: first by length, then by digits. */
function newestFirst(a: LogRow, b: LogRow): number {
  if (a.ns.length !== b.ns.length) return b.ns.length - a.ns.length;
  return a.ns < b.ns ? 1 : a.ns > b.ns ? -1 : 0;
}

async function request(path: string, parameters: Record<string, string>, signal?: AbortSignal): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${path}?${new URLSearchParams(parameters).toString()}`, {
      headers: { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' },
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new QueryError('The server does not answer. Is livedata still running?');
  }
  const text = await response.text();
  if (!response.ok) throw new QueryError(errorText(text, response.status));
  return (JSON.parse(text) as { data: unknown }).data;
}

/** Errors come as plain text or as {"message": ...}. */
function errorText(body: string, status: number): string {
  try {
    const parsed = JSON.parse(body) as { message?: string };
    if (parsed.message) return parsed.message;
  } catch {
    // plain text
  }
  return body.trim() || `The server answered with status ${status}.`;
}

export async function queryLogs(
  query: string, startNs: string, endNs: string, limit: number, signal?: AbortSignal,
): Promise<LogRow[]> {
  const data = await request('/loki/api/v1/query_range',
    { query, start: startNs, end: endNs, limit: String(limit), direction: 'backward' }, signal);
  return toRows((data as { result: StreamAnswer[] }).result);
}

export async function querySeries(query: string, window: Window, stepMs: number, signal?: AbortSignal): Promise<Series[]> {
  const data = await request('/loki/api/v1/query_range', {
    query, start: msToNanos(window.from), end: msToNanos(window.to), step: `${stepMs / 1000}`,
  }, signal);
  const { resultType, result } = data as { resultType: string; result: { metric: LabelMap; values: [number, string][] }[] };
  if (resultType !== 'matrix') return [];
  return result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)]),
  }));
}

export async function labelNames(): Promise<string[]> {
  return (await request('/loki/api/v1/labels', {})) as string[];
}

export async function labelValues(name: string): Promise<string[]> {
  return (await request(`/loki/api/v1/label/${encodeURIComponent(name)}/values`, {})) as string[];
}

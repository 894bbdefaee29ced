import type { LogRow } from '../api/loki';

/** Rows, newest first, in pieces that keep their identity, so that only changed pieces render again. */
export type RowChunks = readonly (readonly LogRow[])[];

const kChunkRows = 50;

export function countRows(chunks: RowChunks): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

export function toChunks(rows: readonly LogRow[]): RowChunks {
  const chunks: (readonly LogRow[])[] = [];
  for (let at = 0; at < rows.length; at += kChunkRows) chunks.push(rows.slice(at, at + kChunkRows));
  return chunks;
}

/** Puts newer rows in front: the first chunk fills up, all others stay as they are. */
export function prepend(chunks: RowChunks, newer: readonly LogRow[], maxRows: number): RowChunks {
  const [first, ...others] = chunks;
  const head = first && first.length < kChunkRows ? [...newer, ...first] : [...newer];
  const rest = first && first.length < kChunkRows ? others : chunks;
  // The odd rows stay in front, so that chunks behind are full ones.
  const odd = head.length % kChunkRows;
  const front = odd > 0 ? [head.slice(0, odd), ...toChunks(head.slice(odd))] : toChunks(head);
  const all = [...front, ...rest];
  let rows = countRows(all);
  while (all.length > 1 && rows - all[all.length - 1]!.length >= maxRows) rows -= all.pop()!.length;
  return all;
}

/** Older rows, fetched from the oldest known timestamp (inclusive) on: known ones are left out. */
export function append(chunks: RowChunks, older: readonly LogRow[]): RowChunks {
  const last = chunks[chunks.length - 1]?.at(-1);
  const border = new Set(chunks.flat().filter((row) => row.ns === last?.ns).map(identity));
  return [...chunks, ...toChunks(older.filter((row) => row.ns !== last?.ns || !border.has(identity(row))))];
}

const identity = (row: LogRow): string => `${JSON.stringify(row.stream)}\n${row.line}`;

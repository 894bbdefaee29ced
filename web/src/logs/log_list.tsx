import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';

import type { LabelMap, LogRow } from '../api/loki';
import { filterByField, filterByLabel, needles } from '../logql/query_text';
import { formatClock, formatDay, formatNanos, nanosToMs } from '../time/range';
import { rowLevel } from './level';
import type { RowChunks } from './row_chunks';

const kCollapsedLength = 2000; // characters of a long line that a closed row carries

interface RowContext {
  query: string;
  onQuery: (query: string) => void;
}

/** The text with the searched words marked. Text nodes only: lines may hold anything. */
function Marked({ text, words }: { text: string; words: string[] }) {
  if (words.length === 0) return <>{text}</>;
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'g');
  return <>{text.split(pattern).map((part, i) => (i % 2 === 1 ? <mark key={i}>{part}</mark> : part))}</>;
}

function LabelTable({ title, labels, filter, query, onQuery }: RowContext & {
  title: string; labels: LabelMap; filter: typeof filterByLabel;
}) {
  const names = Object.keys(labels).sort();
  if (names.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl>{names.map((name) => {
        const value = labels[name]!;
        return (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            <span class="filters">
              <button type="button" title={`Only ${name}=${value}`} aria-label={`Only ${name}=${value}`}
                onClick={() => onQuery(filter(query, name, value, true))}>+</button>
              <button type="button" title={`Without ${name}=${value}`} aria-label={`Without ${name}=${value}`}
                onClick={() => onQuery(filter(query, name, value, false))}>−</button>
            </span>
          </div>
        );
      })}</dl>
    </section>
  );
}

function Details({ row, ...context }: RowContext & { row: LogRow }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard?.writeText(row.line).then(() => {
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  });
  return (
    <div class="details">
      <div class="details-head">
        <time>{formatNanos(row.ns)}</time>
        <button type="button" onClick={copy}>{copied ? 'Copied' : 'Copy line'}</button>
      </div>
      <pre class="full-line">{row.line}</pre>
      <div class="label-tables">
        <LabelTable title="Labels" labels={row.stream} filter={filterByLabel} {...context} />
        <LabelTable title="Fields" labels={row.metadata} filter={filterByField} {...context} />
        <LabelTable title="Parsed" labels={row.parsed} filter={filterByField} {...context} />
      </div>
    </div>
  );
}

function Row({ row, words, ...context }: RowContext & { row: LogRow; words: string[] }) {
  const [open, setOpen] = useState(false);
  const ms = nanosToMs(row.ns);
  const level = rowLevel(row);
  const service = row.stream['service_name'] ?? row.stream['source'] ?? '';
  const toggle = (): void => {
    if (getSelection()?.toString() === '') setOpen(!open);
  };
  return (
    <div class={`row ${open ? 'open' : ''}`}>
      <div class="row-line" role="button" tabIndex={0} aria-expanded={open} onClick={toggle}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          setOpen(!open);
        }}>
        <i class={`level bg-${level}`} title={level} />
        <time title={formatDay(ms)}>{formatClock(ms, true)}</time>
        <span class="service">{service}</span>
        <span class="line-text"><Marked text={row.line.slice(0, kCollapsedLength)} words={words} /></span>
      </div>
      {open && <Details row={row} {...context} />}
    </div>
  );
}

const Chunk = memo(function Chunk({ rows, query, onQuery }: RowContext & { rows: readonly LogRow[] }) {
  const words = needles(query);
  return <div class="chunk">{rows.map((row) => <Row key={row.id} row={row} words={words} query={query} onQuery={onQuery} />)}</div>;
});

export function LogList({ chunks, ...context }: RowContext & { chunks: RowChunks }) {
  return <div class="log-list">{chunks.map((rows) => <Chunk key={rows.at(-1)!.id} rows={rows} {...context} />)}</div>;
}

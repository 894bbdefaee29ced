import { useState } from 'preact/hooks';

import { type TimeRange, formatClock, formatDay, formatDuration, kPresets, parseDuration, resolveRange, toLocalInput } from '../time/range';

function describe(range: TimeRange): string {
  if (range.kind === 'last') return `Last ${formatDuration(range.ms)}`;
  const sameDay = formatDay(range.from) === formatDay(range.to);
  return `${formatDay(range.from)} ${formatClock(range.from)} – ${sameDay ? '' : `${formatDay(range.to)} `}${formatClock(range.to)}`;
}

export function RangePicker({ range, onRange }: { range: TimeRange; onRange: (range: TimeRange) => void }) {
  const [open, setOpen] = useState(false);
  const [error, setError] = useState('');
  const choose = (chosen: TimeRange): void => {
    setOpen(false);
    setError('');
    onRange(chosen);
  };
  const apply = (event: MouseEvent): void => {
    const form = (event.currentTarget as HTMLElement).closest('.range-menu')!;
    const read = (name: string): number => new Date(form.querySelector<HTMLInputElement>(`[name=${name}]`)!.value).getTime();
    const [from, to] = [read('from'), read('to')];
    if (!(to > from)) setError('The end must come after the start.');
    else choose({ kind: 'fixed', from, to });
  };
  const { from, to } = resolveRange(range, Date.now());
  return (
    <div class="range" onKeyDown={(event) => {
      if (event.key === 'Escape' && open) {
        event.stopPropagation();
        setOpen(false);
      }
    }}>
      <button type="button" class="range-button" aria-expanded={open} onClick={() => setOpen(!open)}>{describe(range)}</button>
      {open && (
        <div class="range-menu">
          <div class="presets">{kPresets.map((preset) => (
            <button key={preset} type="button" aria-pressed={range.kind === 'last' && range.ms === parseDuration(preset)}
              onClick={() => choose({ kind: 'last', ms: parseDuration(preset)! })}>{preset}</button>
          ))}</div>
          <label>From<input type="datetime-local" name="from" step="1" value={toLocalInput(from)} /></label>
          <label>To<input type="datetime-local" name="to" step="1" value={toLocalInput(to)} /></label>
          {error && <p class="error">{error}</p>}
          <button type="button" class="primary" onClick={apply}>Apply</button>
        </div>
      )}
    </div>
  );
}

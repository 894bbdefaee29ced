import { useEffect, useRef, useState } from 'preact/hooks';

import { labelNames, labelValues } from '../api/loki';
import { type Completion, complete, completionAt } from '../logql/completion';
import { RangePicker } from './range_picker';
import type { TimeRange } from '../time/range';

const kMaxOffers = 12;

interface Offers {
  completion: Completion;
  items: string[];
  chosen: number;
}

async function findOffers(completion: Completion): Promise<string[]> {
  const all = completion.kind === 'name' ? await labelNames() : await labelValues(completion.name);
  const prefix = completion.prefix.toLowerCase();
  return all.filter((item) => item.toLowerCase().includes(prefix) && item !== completion.prefix).slice(0, kMaxOffers);
}

export function SearchBar({ query, range, loading, onRun, onRange }: {
  query: string; range: TimeRange; loading: boolean; onRun: (typed: string) => void; onRange: (range: TimeRange) => void;
}) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(query);
  const [offers, setOffers] = useState<Offers>();
  const asked = useRef(0);
  useEffect(() => setText(query), [query]);

  const offer = (value: string, cursor: number): void => {
    const number = ++asked.current;
    const completion = completionAt(value, cursor);
    if (!completion) return setOffers(undefined);
    findOffers(completion).then((items) => {
      if (number === asked.current) setOffers(items.length > 0 ? { completion, items, chosen: -1 } : undefined);
    }, () => setOffers(undefined));
  };
  const take = (item: string): void => {
    const result = complete(text, input.current!.selectionStart, offers!.completion, item);
    setText(result.text);
    setOffers(undefined);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(result.cursor, result.cursor);
      offer(result.text, result.cursor);
    });
  };
  const run = (): void => {
    asked.current++;
    setOffers(undefined);
    onRun(text);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (offers && step !== 0) {
      event.preventDefault();
      setOffers({ ...offers, chosen: (offers.chosen + step + offers.items.length) % offers.items.length });
    } else if (offers && (event.key === 'Tab' || (event.key === 'Enter' && offers.chosen >= 0))) {
      event.preventDefault();
      take(offers.items[Math.max(0, offers.chosen)]!);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      run();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (offers) setOffers(undefined);
      else input.current?.blur();
    }
  };

  return (
    <form class="search" role="search" onSubmit={(event) => { event.preventDefault(); run(); }}>
      <div class="query">
        <textarea ref={input} id="query" rows={1} value={text} spellcheck={false} autocomplete="off" autocapitalize="off"
          aria-label="LogQL query, or words to search for" placeholder='Words to search for, or LogQL: {service_name="api"} |= "timeout"'
          onInput={(event) => {
            setText(event.currentTarget.value);
            offer(event.currentTarget.value, event.currentTarget.selectionStart);
          }}
          onKeyDown={onKeyDown} onBlur={() => setOffers(undefined)} />
        {offers && (
          <ul class="offers" role="listbox">{offers.items.map((item, i) => (
            <li key={item} role="option" aria-selected={i === offers.chosen}
              onPointerDown={(event) => { event.preventDefault(); take(item); }}>{item}</li>
          ))}</ul>
        )}
      </div>
      <RangePicker range={range} onRange={onRange} />
      <button class="primary" type="submit" disabled={loading}>{loading ? 'Running' : 'Run'}</button>
    </form>
  );
}

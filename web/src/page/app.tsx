import { useCallback, useEffect, useState } from 'preact/hooks';

import { useHostFeed } from '../host/host_feed';
import { HostStrip } from '../host/host_strip';
import { HostView } from '../host/host_view';
import { useSearch } from '../logs/use_search';
import { toQuery } from '../logql/query_text';
import { SignOutButton } from '../session/sign_out_button';
import type { TimeRange } from '../time/range';
import { useKeyboard } from './keyboard';
import { type PageState, formatLocation, parseLocation } from './location';
import { LogsView } from './logs_view';
import { SearchBar } from './search_bar';
import { isDark, switchTheme } from './theme';

export function App() {
  const [page, setPage] = useState<PageState>(() => parseLocation(location.search));
  const [run, setRun] = useState(0); // counts runs of an unchanged query
  const [dark, setDark] = useState(isDark);
  const search = useSearch(page.query, page.range, run);
  const host = useHostFeed(page.view === 'host');

  const go = useCallback((change: Partial<PageState>) => {
    const next = { ...parseLocation(location.search), ...change };
    if (formatLocation(next) !== location.search) history.pushState(null, '', formatLocation(next));
    setPage(next);
    setRun((run) => run + 1);
  }, []);
  useEffect(() => {
    const back = (): void => setPage(parseLocation(location.search));
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);

  const onQuery = useCallback((typed: string) => go({ query: toQuery(typed), view: 'logs' }), [go]);
  // A fixed range lies in the past: it and live exclude each other.
  const onRange = useCallback((range: TimeRange) => go(range.kind === 'fixed' ? { range, view: 'logs', live: false } : { range, view: 'logs' }), [go]);
  const onLive = useCallback(() => {
    const { live, range } = parseLocation(location.search);
    go({ live: !live, view: 'logs', range: !live && range.kind === 'fixed' ? { kind: 'last', ms: 900_000 } : range });
  }, [go]);
  const setView = (view: PageState['view']): void => {
    const next = { ...page, view };
    history.pushState(null, '', formatLocation(next));
    setPage(next);
  };
  useKeyboard(onLive, () => {
    if (page.view === 'host') setView('logs');
    (document.activeElement as HTMLElement | null)?.blur();
  });

  return (
    <>
      <header>
        <div class="brand-row">
          <a class="brand" href="?" onClick={(event) => { event.preventDefault(); go(parseLocation('')); }}>
            <img src="/icon.svg" alt="" width={24} height={24} />livedata
          </a>
          <SearchBar query={page.query} range={page.range} loading={search.state.loading} onRun={onQuery} onRange={onRange} />
          <button type="button" class="theme" aria-label={dark ? 'Switch to light' : 'Switch to dark'} title={dark ? 'Light' : 'Dark'}
            onClick={() => { switchTheme(); setDark(isDark()); }}>{dark ? '☀' : '☾'}</button>
          <SignOutButton />
        </div>
        <HostStrip host={host} open={page.view === 'host'} onToggle={() => setView(page.view === 'host' ? 'logs' : 'host')} />
      </header>
      {page.view === 'host'
        ? <HostView host={host} />
        : <LogsView page={page} search={search} onQuery={onQuery} onRange={onRange} onLive={onLive} />}
      <footer class="muted"><kbd>/</kbd> search <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> expand <kbd>t</kbd> live <kbd>Esc</kbd> back</footer>
    </>
  );
}

import { useEffect } from 'preact/hooks';

function moveFocus(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.row-line')];
  const now = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[now < 0 ? 0 : Math.min(Math.max(now + step, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** `/` search, j and k next and previous line, t live, Esc back. Enter is the focused line's own. */
export function useKeyboard(onLive: () => void, onEscape: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const typing = (event.target as HTMLElement).matches('input, textarea, select');
      if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
      if (event.key === '/') document.querySelector<HTMLElement>('#query')?.focus();
      else if (event.key === 'j') moveFocus(1);
      else if (event.key === 'k') moveFocus(-1);
      else if (event.key === 't') onLive();
      else if (event.key === 'Escape') onEscape();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [onLive, onEscape]);
}

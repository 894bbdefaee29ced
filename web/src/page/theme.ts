const kKey = 'livedata-theme';

/** The system's choice unless the user switched. */
export function applyStoredTheme(): void {
  const stored = localStorage.getItem(kKey);
  if (stored === 'dark' || stored === 'light') document.documentElement.dataset['theme'] = stored;
}

export function isDark(): boolean {
  const forced = document.documentElement.dataset['theme'];
  return forced ? forced === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

export function switchTheme(): void {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = theme;
  localStorage.setItem(kKey, theme);
}

import { chromium } from 'playwright-core';

/** The server to look at, e.g. http://127.0.0.1:3100 */
export const serverUrl = process.env['LIVEDATA_URL'] ?? 'http://127.0.0.1:3100';

export function launch() {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

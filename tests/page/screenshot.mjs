// Makes the pictures of the documentation: node screenshot.mjs OUTPUT_FOLDER   (LIVEDATA_URL names the server)
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { launch, serverUrl } from './browser.mjs';

const folder = process.argv[2] ?? '../../docs/images';
const prod = `/?range=24h&q=${encodeURIComponent('{env="prod"}')}`;
const pictures = [
  { name: 'page-light', scheme: 'light', path: prod, open: 3 },
  { name: 'page-dark', scheme: 'dark', path: prod, open: 3 },
  { name: 'host-light', scheme: 'light', path: '/?view=host' },
  { name: 'host-dark', scheme: 'dark', path: '/?view=host' },
  { name: 'metric-dark', scheme: 'dark', path: `/?range=1h&q=${encodeURIComponent('sum by (service_name) (count_over_time({service_name=~".+"} [1m]))')}` },
  { name: 'phone-light', scheme: 'light', path: '/?range=15m', width: 360, height: 720 },
];

mkdirSync(folder, { recursive: true });
const browser = await launch();
for (const { name, scheme, path, open, width = 1280, height = 800 } of pictures) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(serverUrl + path);
  await page.waitForSelector('main:not(.loading)');
  await page.waitForTimeout(process.env['SETTLE_MS'] ? Number(process.env['SETTLE_MS']) : 3000);
  if (open !== undefined) await page.locator('.row-line').nth(open).click();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}
await browser.close();

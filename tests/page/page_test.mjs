// Drives the page in headless Chromium against a server with data: LIVEDATA_URL=... node --test page_test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch, serverUrl } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

async function push(service, lines) {
  const response = await fetch(`${serverUrl}/api/v1/push?service=${service}`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: lines.join('\n') + '\n' });
  assert.equal(response.status, 200);
}

/** Opens the page with a query; fails the test for anything the browser complains about. */
async function open(query, path = '/') {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  await page.goto(`${serverUrl}${path}${query ? `?range=1h&q=${encodeURIComponent(query)}` : ''}`);
  await page.waitForSelector('main:not(.loading)');
  return { page, complaints };
}

test('lines are found, expanded, and shown as text whatever they hold', async () => {
  await push('page-a', ['plain line', '<img src=x onerror=alert(1)> <b>bold</b>', 'level=error it failed']);
  const { page, complaints } = await open('{service_name="page-a"}');
  await page.waitForFunction(() => document.querySelectorAll('.row-line').length === 3);
  assert.equal(await page.locator('.row-line img, .row-line b').count(), 0);
  await page.locator('.row-line', { hasText: 'it failed' }).click();
  await page.waitForSelector('.row.open .full-line');
  assert.match(await page.locator('.row.open').innerText(), /detected_level\s+error/);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('a query is typed, run, and kept in the address', async () => {
  await push('page-b', ['alpha', 'beta']);
  const { page, complaints } = await open('{service_name="page-b"}');
  const box = page.locator('form.search input, form.search textarea').first();
  await box.fill('{service_name="page-b"} |= "beta"');
  await page.locator('button[type=submit]').click();
  await page.waitForFunction(() => document.querySelectorAll('.row-line').length === 1);
  assert.match(decodeURIComponent(page.url().replaceAll('+', ' ')), /\|= "beta"/);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('a wrong query is told beside the bar', async () => {
  const { page } = await open('{service_name="x"} | nonsense');
  assert.match(await page.locator('[role=alert]').innerText(), /parse error at line 1, col/);
  await page.close();
});

test('new lines come by themselves when live', async () => {
  await push('page-c', ['before']);
  const { page, complaints } = await open('{service_name="page-c"}');
  await page.locator('[role=switch]').click();
  await page.waitForTimeout(1000);
  await push('page-c', ['while live']);
  await page.locator('.row-line', { hasText: 'while live' }).waitFor({ timeout: 10_000 });
  assert.deepEqual(complaints, []);
  await page.close();
});

test('the host strip and the host view show this machine', async () => {
  const { page, complaints } = await open('', '/?view=host');
  await page.locator('text=Processes').first().waitFor();
  await page.waitForFunction(() => /\d+(\.\d+)? %/.test(document.querySelector('header, main')?.parentElement?.innerText ?? ''), null, { timeout: 15_000 });
  assert.deepEqual(complaints, []);
  await page.close();
});

test('light and dark', async () => {
  const { page } = await open('{service_name=~".+"}');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const first = await background();
  await page.locator('button.theme').click();
  assert.notEqual(await background(), first);
  await page.close();
});

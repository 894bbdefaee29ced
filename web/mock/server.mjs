// A stand-in for livedata while the page is being developed: made-up data, the real API's shapes.
// Usage: node mock/server.mjs [PORT] [FOLDER]   (FOLDER: also serve a built page, with the real CSP)
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const port = Number(process.argv[2] ?? 3199);
const folder = process.argv[3];

/** A stable pseudo-random number in [0, 1) for an integer. */
function noise(seed) {
  let x = (seed ^ 0x9e3779b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

const services = ['checkout', 'gateway', 'payments', 'search', 'postgres'];
const paths = ['/api/cart', '/api/orders/81723', '/api/search?q=lamp', '/healthz', '/static/app.js'];

/** The record of one 500 ms slot; deterministic, so that pages of answers fit together. */
function record(slot) {
  const r = (n) => noise(slot * 31 + n);
  const service = services[Math.floor(r(1) * services.length)];
  const burst = Math.sin(slot / 900) > 0.93;
  const roll = r(2) * (burst ? 0.3 : 1);
  const level = roll < 0.03 ? 'error' : roll < 0.12 ? 'warn' : roll > 0.85 ? 'debug' : 'info';
  const trace = Math.floor(r(3) * 2 ** 32).toString(16).padStart(8, '0');
  const line = {
    error: () => `level=error msg="payment provider timed out" attempt=${1 + Math.floor(r(4) * 4)} elapsed=30.0s trace=${trace}`,
    warn: () => JSON.stringify({ level: 'warn', msg: 'slow query', table: 'orders', ms: 800 + Math.floor(r(5) * 2000) }),
    debug: () => `cache miss key=<img src=x onerror=alert(1)>:${trace}`,
    info: () => `${10 + Math.floor(r(6) * 90)}.0.2.17 - "GET ${paths[Math.floor(r(7) * paths.length)]} HTTP/1.1" 200 ${Math.floor(r(8) * 9000)}`,
  }[level]();
  const ns = `${BigInt(slot) * 500_000_000n + BigInt(Math.floor(r(9) * 499_999_999))}`;
  return { ns, line, level, trace, stream: { service_name: service, host: 'web1' } };
}

function matches(query, item) {
  const service = /service_name="([^"]*)"/.exec(query)?.[1];
  if (service !== undefined && service !== item.stream.service_name) return false;
  if (/detected_level=~"error\|/.test(query) && item.level !== 'error') return false;
  const needle = /\|= "([^"]*)"/.exec(query)?.[1];
  return needle === undefined || item.line.includes(needle);
}

const toValue = (item) => [item.ns, item.line, { structuredMetadata: { detected_level: item.level, trace_id: item.trace } }];

function logs(query, start, end, limit) {
  const streams = new Map();
  let found = 0;
  const first = Math.floor(Number(start / 500_000_000n));
  for (let slot = Math.floor(Number(end / 500_000_000n)); slot >= first && found < limit; slot--) {
    const item = record(slot);
    const ns = BigInt(item.ns);
    if (ns < start || ns >= end || ns > BigInt(Date.now()) * 1_000_000n || !matches(query, item)) continue;
    found++;
    const key = item.stream.service_name;
    if (!streams.has(key)) streams.set(key, { stream: item.stream, values: [] });
    streams.get(key).values.push(toValue(item));
  }
  return { resultType: 'streams', result: [...streams.values()] };
}

function counts(query, start, end, step) {
  const levels = new Map();
  for (let at = start; at <= end; at += step) {
    const per = {};
    for (let slot = Math.floor((at - step) / 500) + 1; slot <= at / 500 && slot * 500 <= Date.now(); slot++) {
      const item = record(slot);
      if (matches(query, item)) per[item.level] = (per[item.level] ?? 0) + 1;
    }
    for (const [level, count] of Object.entries(per)) {
      if (!levels.has(level)) levels.set(level, []);
      levels.get(level).push([at / 1000, String(count)]);
    }
  }
  return { resultType: 'matrix', result: [...levels].map(([level, values]) => ({ metric: { detected_level: level }, values })) };
}

const bases = {
  busy_percent: [24, 40], user_percent: [14, 22], system_percent: [6, 9], iowait_percent: [1, 3], used_percent: [61, 4],
  read_bytes_per_second: [2e6, 9e6], written_bytes_per_second: [4e6, 1.4e7],
  received_bytes_per_second: [3e5, 1.2e6], sent_bytes_per_second: [9e4, 5e5],
  load1: [0.8, 1.4], load5: [0.9, 0.7], load15: [0.9, 0.3],
};
function value(name, ms) {
  const [base, swing] = bases[name] ?? [1, 1];
  const seconds = Math.floor(ms / 1000);
  return base + swing * (0.3 + 0.3 * Math.sin(seconds / 47 + name.length) + 0.4 * noise(seconds + name.length) ** 3);
}

function metrics(name, start, end, step) {
  const values = [];
  for (let at = start; at <= end; at += step) values.push([at / 1000, String(value(name, at))]);
  return { resultType: 'matrix', result: [{ metric: {}, values }] };
}

const numbers = (...names) => Object.fromEntries(names.map((name) => [name, String(value(name, Date.now()))]));
const commands = ['postgres', 'node', 'nginx', 'livedata', 'sshd', 'systemd', 'redis-server', 'containerd'];
function hostStreams() {
  const stream = (source, metadata) => ({
    stream: { source, host: 'web1' },
    values: metadata.map((m) => [`${Date.now()}000000`, Object.entries(m).map(([k, v]) => `${k}=${v}`).join(' '), { structuredMetadata: m }]),
  });
  return {
    cpu: stream('cpu', [{ ...numbers('busy_percent', 'user_percent', 'system_percent', 'iowait_percent'), cores: '8' }]),
    load: stream('load', [{ ...numbers('load1', 'load5', 'load15'), tasks: '312' }]),
    memory: stream('memory', [{ ...numbers('used_percent'), total_bytes: '16777216000', used_bytes: '10402373632', swap_total_bytes: '0', swap_used_bytes: '0' }]),
    disk: stream('disk', [{ device: 'nvme0n1', ...numbers('read_bytes_per_second', 'written_bytes_per_second') }]),
    network: stream('network', [{ interface: 'eth0', ...numbers('received_bytes_per_second', 'sent_bytes_per_second') }]),
    filesystem: stream('filesystem', [
      { mount: '/', device: '/dev/nvme0n1p2', type: 'ext4', total_bytes: '512000000000', used_bytes: '311000000000', used_percent: '60.7' },
      { mount: '/var', device: '/dev/nvme0n1p3', type: 'xfs', total_bytes: '1024000000000', used_bytes: '942000000000', used_percent: '92.0' },
    ]),
    process: stream('process', commands.map((command, i) => ({
      pid: String(400 + i * 731), user: i === 0 ? 'postgres' : 'root', command: `/usr/bin/${command} --config /etc/${command}.conf`,
      cpu_percent: String((noise(Math.floor(Date.now() / 5000) + i) * 60) / (i + 1)), memory_bytes: String(2e9 / (i + 1.3)),
      start_time: `${(Date.now() - 3.6e6 * (i + 1) ** 2) | 0 ? Date.now() - 3.6e6 * (i + 1) ** 2 : 0}000000`,
    }))),
  };
}

function query(parameters) {
  const text = parameters.get('query') ?? '';
  if (/[{]\s*[}]/.test(text) || !text.includes('}')) throw new Error('parse error at line 1, col 1: queries need at least one matcher that is not empty-compatible');
  const start = BigInt(parameters.get('start'));
  const end = BigInt(parameters.get('end'));
  const step = Number(parameters.get('step') ?? 15) * 1000;
  const [from, to] = [Number(start / 1_000_000n), Number(end / 1_000_000n)];
  const unwrapped = /unwrap (\w+)/.exec(text)?.[1];
  if (unwrapped) return metrics(unwrapped, from, to, step);
  if (/_over_time|rate/.test(text)) return counts(text, from, to, step);
  const source = /source="(\w+)"/.exec(text)?.[1];
  const sources = /source=~"([\w|]+)"/.exec(text)?.[1]?.split('|') ?? (source ? [source] : undefined);
  if (sources) return { resultType: 'streams', result: sources.map((name) => hostStreams()[name]).filter(Boolean) };
  return logs(text, start, end, Number(parameters.get('limit') ?? 100));
}

function tail(parameters, response) {
  const text = parameters.get('query') ?? '';
  const sources = /source=~"([\w|]+)"/.exec(text)?.[1]?.split('|');
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  let slot = Math.floor(Date.now() / 500);
  const timer = setInterval(() => {
    const streams = [];
    if (sources) streams.push(...sources.map((name) => hostStreams()[name]).filter(Boolean));
    else for (; slot < Date.now() / 500 - 1; slot++) {
      const item = record(slot);
      if (matches(text, item)) streams.push({ stream: item.stream, values: [toValue(item)] });
    }
    if (streams.length) response.write(`data: ${JSON.stringify({ streams, dropped_entries: [] })}\n\n`);
  }, 1000);
  response.on('close', () => clearInterval(timer));
}

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
function file(path, response) {
  const name = normalize(path === '/' ? '/index.html' : path);
  const full = folder && join(folder, name);
  if (!full || !existsSync(full)) return response.writeHead(404).end('not found');
  response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'text/plain', 'Content-Security-Policy': "default-src 'self'" });
  createReadStream(full).pipe(response);
}

const labels = { service_name: services, host: ['web1'], source: Object.keys(hostStreams()) };
createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const json = (data) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ status: 'success', data }));
  const values = /^\/loki\/api\/v1\/label\/(\w+)\/values$/.exec(url.pathname);
  try {
    if (url.pathname === '/loki/api/v1/query_range') json(query(url.searchParams));
    else if (url.pathname === '/api/v1/session') response.end('{"authentication":false,"name":"anyone","tenant":"default","roles":["admin"]}');
    else if (url.pathname === '/api/v1/tail') tail(url.searchParams, response);
    else if (url.pathname === '/loki/api/v1/labels') json(Object.keys(labels));
    else if (values) json(labels[values[1]] ?? []);
    else file(url.pathname, response);
  } catch (error) {
    response.writeHead(400, { 'Content-Type': 'text/plain' }).end(error.message);
  }
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));

import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2022',
    // The server's content security policy allows files only: nothing may be inlined as data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ['/loki', '/api', '/ready'].map((path) => [path, process.env['LIVEDATA_ADDR'] ?? 'http://127.0.0.1:3199']),
    ),
  },
});

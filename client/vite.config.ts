import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const UI = 'src/ui';
const TESTS = '**/*.test.{ts,tsx}';

/**
 * The page is built into the Python package. Paths are relative, so that it works below any
 * path; the server puts a fresh nonce in place of __CSP_NONCE__ at each request.
 */
export default defineConfig({
  base: './',
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' },
  worker: { format: 'es' },
  build: {
    outDir: '../sharethings/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000, // kB unpacked; tests/e2e/test_first_load.py holds what counts
    rolldownOptions: {
      input: { index: here('index.html'), sw: here('src/sw/sw.ts') },
      output: {
        // The service worker's scope is the folder it lies in, and its name must not change.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: { fs: { allow: ['..'] } },
  test: {
    environment: 'node',
    testTimeout: 60_000,
    projects: [
      // What is drawn leaves nothing behind, and loading React and jsdom anew for each file takes
      // three quarters of the time.
      { extends: true, test: { name: 'ui', include: [`${UI}/${TESTS}`], isolate: false } },
      { extends: true, test: { name: 'rest', include: [`src/${TESTS}`], exclude: [`${UI}/**`] } },
    ],
  },
});

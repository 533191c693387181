import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The page on which a browser runs every entry of the vectors inside a worker. */
export default defineConfig({
  root: fileURLToPath(new URL('test', import.meta.url)),
  base: './',
  worker: { format: 'es' },
  build: {
    outDir: '../.vectors-dist',
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      input: fileURLToPath(new URL('test/vectors.html', import.meta.url)),
    },
  },
});

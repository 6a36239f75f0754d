import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const query = 'http://127.0.0.1:16686';

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the built files can be served under any path.
  base: './',
  plugins: [react()],
  server: { proxy: { '/api': query } },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    manifest: 'manifest.json',
    // A data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

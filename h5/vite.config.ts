import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { version } from './package.json' with { type: 'json' }

const server = 'http://127.0.0.1:8000'

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(version) },
  base: './',
  plugins: [vue()],
  build: {
    // The oldest WebViews in the field: Vite's own default is too new for them.
    target: ['es2020', 'chrome80', 'safari14'],
    // No data: addresses, so that the content security policy need not allow them.
    assetsInlineLimit: 0,
    // The pages of the phones, and the desk console, which shares what both need.
    rollupOptions: { input: ['index.html', 'admin.html'] },
  },
  server: {
    proxy: { '/api': server, '/hosts': server, '/sandbox': server },
  },
  test: {
    environment: 'happy-dom',
    // Each file has a world of its own, and not a process: making one takes longer than most tests.
    pool: 'vmThreads',
    include: ['src/**/*.spec.ts'],
  },
})

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/harness/global-setup.ts',
    include: ['{apps,libs,docs,test,examples}/**/*.test.{ts,tsx}'],
    // Suites that start processes share two cores on small machines: a generous bound, never a sleep.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
  },
});

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'tools/**/*.test.ts', 'conformance/**/*.test.ts'],
    globalSetup: ['packages/server/src/kit/testing/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // The machine may be slow; what a test waits for is an event, not a time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
  },
})

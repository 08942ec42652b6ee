import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vitest/config'
import usual from '../../vitest.config.ts'

/** The contracts of our seams on Debian's own services; only the conformance run starts them. */
// biome-ignore lint/style/noDefaultExport: Vitest wants it so.
export default mergeConfig(
  { ...usual, test: { ...usual.test, include: [] } },
  defineConfig({
    test: {
      root: fileURLToPath(new URL('../..', import.meta.url)),
      include: ['conformance/original/contracts/*.contract.ts'],
      maxWorkers: 1,
      hookTimeout: 300_000,
      testTimeout: 120_000,
    },
  }),
)

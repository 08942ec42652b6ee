import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vitest/config'
import usual from '../../vitest.config.ts'

/** The contract of BMC drivers on other people's Redfish; only the conformance run starts it. */
// biome-ignore lint/style/noDefaultExport: Vitest wants it so.
export default mergeConfig(
  { ...usual, test: { ...usual.test, include: [], globalSetup: [] } },
  defineConfig({
    test: {
      root: fileURLToPath(new URL('../..', import.meta.url)),
      include: ['conformance/redfish/contracts/*.contract.ts'],
      maxWorkers: 1,
      hookTimeout: 120_000,
      testTimeout: 180_000,
    },
  }),
)

import { debian } from '../../tools/debian.ts'
import type { Outcome } from '../harness/outcome.ts'
import { applySkips, type Skips } from '../harness/skips.ts'
import { runVitest } from '../harness/vitest.ts'

/** Runs a contract of our seams on Debian's own service: `FILE.contract.ts`. */
export const contract =
  (name: string, file: string, packages: readonly string[]) =>
  async ({ skips, only }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
    const { ready, why } = debian(...packages)
    if (!ready) return [{ id: 'all', result: 'skipped', why }]
    const outcomes = await runVitest('conformance/original/vitest.config.ts', `conformance/original/contracts/${file}.contract.ts`, {
      only,
    })
    return applySkips(skips, name, outcomes)
  }

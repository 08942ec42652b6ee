import type { Entry } from './command.ts'
import { baremetalEntries } from './entries/baremetal.ts'
import { entry } from './entries/entry.ts'
import { identityEntries } from './entries/identity.ts'
import { leasingEntries } from './entries/leasing.ts'

/** Every command: its words, one line about it, and the file that is loaded when it is used. */
export const entries: readonly Entry[] = [
  ...leasingEntries,
  ...baremetalEntries,
  ...identityEntries,
  entry(
    'policy show',
    'show the policy rules in force, and where they come from',
    async () => (await import('./commands/policy/show.ts')).command,
  ),
  entry(
    'policy explain',
    'say whether a policy rule lets you, and why',
    async () => (await import('./commands/policy/explain.ts')).command,
  ),
  entry(
    'doctor',
    'look whether everything works, and say what to do if not',
    async () => (await import('./commands/doctor/doctor.ts')).command,
  ),
  {
    ...entry(
      'doctor claimant',
      'one of the processes that "doctor --prove-calendar" starts',
      async () => (await import('./commands/doctor/claimant.ts')).command,
    ),
    hidden: true,
  },
  entry('completion', 'print what makes a shell complete these commands', async () => (await import('./commands/completion.ts')).command),
]

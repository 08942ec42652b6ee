import type { Tx } from '../../kit/db/transaction.ts'

/** An event about something that is no resource of its own. */
export const emit = (
  tx: Tx,
  type: string,
  object: { readonly type: string; readonly id: string; readonly name?: string | null },
  projects: readonly (string | null | undefined)[],
  data: Readonly<Record<string, unknown>> = {},
): void => tx.emit('identity', { type: `identity.${type}`, object, projects: projects.filter(p => typeof p === 'string'), data })

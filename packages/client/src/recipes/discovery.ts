import { dialect } from '@esi/api/baremetal/dialect'
import type { Discovery, Enrolled } from '@esi/api/baremetal/discovery'
import type { Session } from '../session.ts'
import { waitFor } from '../wait.ts'

/** What is looked for, where, and with which accounts; as `POST /v1/discoveries` takes it. */
export interface Search {
  readonly ranges: readonly string[]
  readonly accounts: readonly { readonly username: string; readonly password: string }[]
  readonly driver?: string
  readonly trust?: 'first' | 'known'
  readonly conductor_group?: string
}

/** How what was found is to be enrolled. */
export interface Enrolling {
  readonly addresses?: readonly string[]
  readonly owner?: string
  readonly name?: string
  readonly resource_class?: string
  readonly properties?: Readonly<Record<string, unknown>>
}

const path = (uuid: string) => `/v1/discoveries/${encodeURIComponent(uuid)}`

const call = async (
  session: Session,
  method: string,
  at: string,
  more: { body?: unknown; query?: URLSearchParams; signal?: AbortSignal } = {},
) => (await session.call('baremetal', dialect, { method, path: at, ...more })).body

/** Searches until every address was asked. The passwords stay with the server until `forget` or `enrol`, or an hour at most. */
export const discover = async (
  session: Session,
  search: Search,
  how: { readonly signal?: AbortSignal; readonly progress?: (now: Discovery) => void; readonly begun?: (uuid: string) => void } = {},
): Promise<Discovery> => {
  const signal = how.signal ? { signal: how.signal } : {}
  const { uuid } = (await call(session, 'POST', '/v1/discoveries', { body: search, ...signal })) as Discovery
  how.begun?.(uuid)
  return await waitFor(
    async () => (await call(session, 'GET', path(uuid), signal)) as Discovery,
    now => now.state === 'done',
    { ...signal, ...(how.progress ? { progress: how.progress } : {}) },
  )
}

export const enrol = async (session: Session, uuid: string, how: Enrolling, dryRun = false): Promise<Enrolled> =>
  (await call(session, 'POST', `${path(uuid)}/enrol`, {
    body: how,
    ...(dryRun ? { query: new URLSearchParams({ dry_run: 'true' }) } : {}),
  })) as Enrolled

/** Ends a search, and its passwords with it; one that is gone is ended already. */
export const forget = async (session: Session, uuid: string): Promise<void> => {
  try {
    await call(session, 'DELETE', path(uuid))
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error
  }
}

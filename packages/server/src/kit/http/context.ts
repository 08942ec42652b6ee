import { createHash, randomUUID } from 'node:crypto'
import type { Version } from '@esi/api/define'
import { Refused, type WireRequest } from '@esi/api/dialect'
import { type Caller, type Credentials, credentials } from '../auth/caller.ts'
import type { Clock } from '../clock/clock.ts'
import type { Log } from '../log/log.ts'
import type { Policy } from '../policy/types.ts'
import type { Context } from './route.ts'

export interface ContextParts {
  readonly id: string
  readonly wire: WireRequest
  readonly version: Version
  readonly caller: Caller | undefined
  readonly clock: Clock
  readonly policy: Policy
  readonly address: string
  readonly log: Log
  readonly signal: AbortSignal
  readonly denied: (rule: string) => Refused
  /** Method and path of the matched route, and the body's text: what an idempotency key stands for. */
  readonly route: string
  readonly bodyText: string
}

export const requestId = (): string => `req-${randomUUID()}`

export const createContext = (parts: ContextParts): Context => {
  const { caller, policy, wire } = parts
  const who = caller && credentials(caller)
  const needed = (): Credentials => {
    if (!who) throw new Refused('unauthenticated', 'The request you have made requires authentication.')
    return who
  }
  const may: Context['may'] = (rule, target = {}) => policy.may(rule, target, needed())
  const key = wire.headers['idempotency-key']
  if (key !== undefined && (key.length === 0 || key.length > 255))
    throw new Refused('invalid', 'Idempotency-Key must have 1 to 255 characters.')
  return {
    id: parts.id,
    at: parts.clock.now(),
    version: parts.version,
    caller,
    get who() {
      return needed()
    },
    project: caller?.project?.id,
    wire,
    address: parts.address,
    log: parts.log,
    signal: parts.signal,
    by: {
      request: parts.id,
      address: parts.address,
      ...(caller ? { user: caller.user.id } : {}),
      ...(caller?.project ? { project: caller.project.id } : {}),
    },
    ...(asksDryRun(wire) ? { dryRun: true } : {}),
    ...(key !== undefined && wire.method === 'POST' && caller
      ? {
          once: {
            digest: sha256([caller.user.id, caller.project?.id ?? '', parts.route, key].join('\u0000')),
            hash: sha256(`${wire.path}\u0000${parts.bodyText}`),
          },
        }
      : {}),
    may,
    require(rule, target = {}) {
      if (!may(rule, target)) throw parts.denied(rule)
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const asksDryRun = (wire: WireRequest): boolean => {
  const text = wire.query.get('dry_run')
  if (text === null || wire.method === 'GET' || wire.method === 'HEAD') return false
  if (['true', 'True', '1'].includes(text)) return true
  if (['false', 'False', '0'].includes(text)) return false
  throw new Refused('invalid', 'dry_run must be true or false')
}

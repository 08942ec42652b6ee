import { MASK } from '@esi/api/baremetal/masks'
import { Refused } from '@esi/api/dialect'
import { escapePointer } from '@esi/api/json-patch'
import { isObject } from '@esi/api/types'
import type { Secrets } from '../../kit/secrets/secrets.ts'

/**
 * A node's driver info is kept in two: what may be read, with ****** in place of each secret, and the secrets sealed, by JSON
 * pointer. Written as ******, a secret stays as it is, so that what was read can be written back.
 */
export interface Split {
  readonly shown: Record<string, unknown>
  /** Sealed; null where there is no secret. */
  readonly sealed: string | null
  /** Pointers of secrets that are new or other than before. */
  readonly changed: readonly string[]
}

type Values = Record<string, unknown>

/** `https://user:password@host`: under a name that hides nothing. */
const WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*:[^\s/?#]+@/i

export const split = (
  given: Readonly<Values>,
  isSecret: (key: string) => boolean,
  before: string | null,
  secrets: Secrets,
  field = 'driver_info',
): Split => {
  const old = opened(before, secrets)
  const kept: Values = {}
  const changed: string[] = []
  const walk = (value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => walk(item, `${at}/${i}`))
    if (typeof value === 'string' && WITH_PASSWORD.test(value))
      throw new Refused('invalid', `${field}${at} has a password in its address; give it under a name of its own, where it is kept sealed.`)
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const pointer = `${at}/${escapePointer(key)}`
        // An empty or absent password is none, and better seen as such.
        if (!isSecret(key) || inner === null || inner === '') return [key, walk(inner, pointer)]
        if (inner === MASK) {
          if (!Object.hasOwn(old, pointer))
            throw new Refused('invalid', `${MASK} in ${field}${pointer} stands for a secret that is there already, and there is none.`)
          kept[pointer] = old[pointer]
        } else {
          kept[pointer] = inner
          if (JSON.stringify(inner) !== JSON.stringify(old[pointer])) changed.push(pointer)
        }
        return [key, MASK]
      }),
    )
  }
  const shown = walk(given, '') as Values
  return { shown, sealed: Object.keys(kept).length > 0 ? secrets.seal(JSON.stringify(kept)) : null, changed }
}

/** The whole driver info again, for the driver's eyes only. */
export const join = (shown: Readonly<Values>, sealed: string | null, secrets: Secrets): Values => {
  const values = opened(sealed, secrets)
  const walk = (value: unknown, at: string): unknown => {
    if (Object.hasOwn(values, at)) return values[at]
    if (Array.isArray(value)) return value.map((item, i) => walk(item, `${at}/${i}`))
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, `${at}/${escapePointer(key)}`)]))
  }
  return walk(shown, '') as Values
}

const opened = (sealed: string | null, secrets: Secrets): Values => (sealed === null ? {} : (JSON.parse(secrets.open(sealed)) as Values))

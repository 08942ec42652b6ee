import { dialect as baremetal } from '@esi/api/baremetal/dialect'
import type { Dialect } from '@esi/api/dialect'
import { dialect as identity } from '@esi/api/identity/dialect'
import { dialect as leasing } from '@esi/api/leasing/dialect'
import { ApiError, type Session } from '@esi/client'
import { type Given, type Option, UsageError } from '../../command.ts'

/** Services that tell of their rules, by what the catalog calls them. */
const SERVICES: Readonly<Record<string, Dialect>> = { identity, baremetal, lease: leasing }

export const serviceOption: Option = { doc: 'only this service: identity, baremetal or lease', values: ['type'], repeat: true }

/** An answer of one service, with the service that gave it. */
export interface Told<T> {
  readonly service: string
  readonly answer: T
}

/**
 * Asks every service the same. What is not there (a service that the catalog does not have, a path or a rule that a service does not
 * know) is left out.
 */
export const askServices = async <T>(
  session: Session,
  given: Given,
  call: { readonly method: string; readonly path: string; readonly query?: URLSearchParams; readonly body?: unknown },
): Promise<Told<T>[]> => {
  const wanted = given.all('service')
  for (const type of wanted)
    if (!SERVICES[type]) throw new UsageError(`--service must be one of ${Object.keys(SERVICES).join(', ')}, not "${type}".`)
  const types = wanted.length > 0 ? wanted : Object.keys(SERVICES)
  const told: Told<T>[] = []
  for (const service of types) {
    try {
      const { body } = await session.call(service, SERVICES[service]!, call)
      told.push({ service, answer: body as T })
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    }
  }
  return told
}

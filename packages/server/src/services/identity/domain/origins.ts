import { Refused } from '@esi/api/dialect'
import { isObject } from '@esi/api/types'

/** How a provider knows a user. */
export interface KnownAs {
  readonly provider: string
  readonly protocol: string
  readonly unique: string
}

const wrong = (): Refused =>
  new Refused(
    'invalid',
    '"federated" is a list of objects with "idp_id" and "protocols", a list of objects with "protocol_id" and "unique_id".',
  )

const texts = (value: unknown, keys: readonly string[]): string[] => {
  if (!isObject(value)) throw wrong()
  return keys.map(key => {
    const text = value[key]
    if (typeof text !== 'string' || text === '' || text.length > 255) throw wrong()
    return text
  })
}

/** Reads a user's `federated`, checked for form only. */
export const readOrigins = (given: unknown): KnownAs[] => {
  if (!Array.isArray(given)) throw wrong()
  return given.flatMap((each: unknown) => {
    const [provider] = texts(each, ['idp_id'])
    const protocols = (each as Record<string, unknown>)['protocols']
    if (!Array.isArray(protocols) || protocols.length === 0) throw wrong()
    return protocols.map((one: unknown) => {
      const [protocol, unique] = texts(one, ['protocol_id', 'unique_id'])
      return { provider: provider!, protocol: protocol!, unique: unique! }
    })
  })
}

/** The same as it is shown: by provider. */
export const renderOrigins = (origins: readonly KnownAs[]) =>
  [...Map.groupBy(origins, origin => origin.provider)].map(([idp_id, all]) => ({
    idp_id,
    protocols: all.map(({ protocol, unique }) => ({ protocol_id: protocol, unique_id: unique })),
  }))

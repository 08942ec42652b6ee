import { Refused } from '@esi/api/dialect'
import type { Instant } from '@esi/api/time'

/** One trust of a chain, as far as the next one is judged by it. */
export interface Link {
  readonly roles: readonly string[]
  readonly impersonation: boolean
  readonly expires: Instant | null
  readonly uses: number | null
  readonly project: string | null
}

export interface Depth {
  /** It may be lent on. */
  readonly allowed: boolean
  /** How often, where it was said. */
  readonly count: number | null
  readonly most: number
}

const forbidden = (message: string): Refused => new Refused('forbidden', message)

/** How often a new trust may be lent on; `parent` is what it is lent on from. */
export const redelegationOf = ({ allowed, count, most }: Depth, link: Link, parent: { readonly depth: number } | undefined): number => {
  if (!allowed || count === 0) return 0
  if (count !== null && count > most) throw forbidden(`Requested redelegation depth of ${count} is greater than allowed ${most}`)
  if (link.uses !== null) throw new Refused('invalid', 'remaining_uses must not be set if redelegation is allowed')
  if (!parent) return count ?? most
  if (count !== null && count !== parent.depth - 1)
    throw forbidden('Modifying "redelegation_count" upon redelegation is forbidden. Omitting this parameter is advised.')
  return parent.depth - 1
}

/** Throws where what is lent on would be more than what was lent. */
export const mayRedelegate = (parent: Link & { readonly id: string; readonly depth: number }, link: Link, most: number): void => {
  if (parent.depth <= 0 || parent.depth > most)
    throw forbidden(`Remaining redelegation depth of ${parent.depth} out of allowed range of [0..${most}]`)
  if (link.uses !== null)
    throw forbidden(`Field "remaining_uses" is set to ${link.uses} while it must not be set in order to redelegate a trust`)
  if (parent.expires !== null && (link.expires === null || parent.expires < link.expires))
    throw forbidden('Requested expiration time is more than redelegated trust can provide')
  if (link.project !== parent.project) throw forbidden('The project is not that of the redelegated trust')
  if (!link.roles.every(role => parent.roles.includes(role))) throw forbidden('Some of requested roles are not in redelegated trust')
  if (link.impersonation && !parent.impersonation)
    throw forbidden(
      `Impersonation is not allowed because redelegated trust does not specify impersonation. Redelegated trust id: ${parent.id}`,
    )
}

/** Who may lease out or offer a thing: its owner, an administrator, or the project that has it now, within what it has. */
export type Ground = { readonly by: 'owner' } | { readonly by: 'admin' } | { readonly by: 'lessee'; readonly lease: string } | undefined

export interface Claimant {
  readonly project: string | undefined
  readonly admin: boolean
}

/** The lease through which a project has the thing now. */
export interface PresentLease {
  readonly uuid: string
  readonly project: string
  readonly parent: string | null
  readonly depth: number
}

/**
 * `lessee` is what whoever has the thing says at this moment. A sublease of a sublease is the original's limit (`depth` 1); more is
 * a setting.
 */
export const groundFor = (
  who: Claimant,
  thing: { readonly owner: string | null; readonly lessee: string | null },
  present: PresentLease | undefined,
  depth: number,
): Ground => {
  if (who.project !== undefined && who.project === thing.owner) return { by: 'owner' }
  if (who.admin) return { by: 'admin' }
  if (who.project !== undefined && who.project === thing.lessee && present?.project === who.project && present.depth < depth)
    return { by: 'lessee', lease: present.uuid }
  return undefined
}

/** Whether an offer is open to a project: to all, to those below the project it names, or to who made it. */
export const openTo = (
  offer: { readonly project_id: string; readonly lessee_id: string | null },
  project: string | undefined,
  lineage: readonly string[],
): boolean => offer.lessee_id === null || offer.project_id === project || lineage.includes(offer.lessee_id)

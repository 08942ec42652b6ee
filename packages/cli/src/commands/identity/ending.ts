import type { Change } from '@esi/api/dialect'
import { type Command, type Face, type Given, type Option, UsageError } from '../../command.ts'
import { type Crud, changesOf, deleteCommand, identified, setCommand } from '../../crud.ts'
import { referredChanges } from '../../refers.ts'

/** What a project, or the projects of a domain, would hold no more. */
interface Ends {
  readonly leases: readonly Holding[]
  readonly offers: readonly Holding[]
  readonly within: number
  readonly granted: number
}

interface Holding {
  readonly uuid: string
  readonly project_id: string
  readonly resource: string
  readonly end_time: string
}

const END: Readonly<Record<string, Option>> = {
  'end-leases': { doc: 'its leases and offers end with it, now; with --dry-run they are listed' },
}

interface More {
  readonly options: Readonly<Record<string, Option>>
  changes(given: Given, now: () => Promise<Record<string, unknown>>): Promise<Change[]>
}

/** Deletes projects or domains, and what they hold if that is said. */
export const deleteEnding = (c: Crud, brief: string, plain = deleteCommand(c, brief)): Command => ({
  ...plain,
  doc: 'Refused while there are leases or offers, unless --end-leases is given: then they end as at their end, and machines are cleaned.',
  options: { ...plain.options, ...END },
  async run(face, given) {
    const client = await c.client(face)
    const lines: string[] = []
    for (const name of given.args(c.resource.name)) {
      const body = await client.call('DELETE', client.one(await identified(c, face, client, given, name)), undefined, query(face, given))
      lines.push(`${face.dryRun ? 'Would delete' : 'Deleted'} ${c.resource.name} ${name}`, ...told(body))
    }
    return { text: lines.join('\n') }
  },
})

/**
 * Changes a project or a domain; when it is disabled, what it holds ends if that is said. `more` are options beside those of the table, and what they
 * say of the one that is to be changed.
 */
export const setEnding = (c: Crud, brief: string, more?: More): Command => {
  const plain = setCommand(c, brief)
  return {
    ...plain,
    doc: 'Disabling is refused while there are leases or offers, unless --end-leases is given: then they end as at their end, and machines are cleaned.',
    options: { ...plain.options, ...more?.options, ...END },
    async run(face, given) {
      const client = await c.client(face)
      const id = await identified(c, face, client, given, given.arg(c.resource.name))
      const changes = [
        ...(await referredChanges(c, face, changesOf(c, given), given)),
        ...((await more?.changes(given, () => client.show(id))) ?? []),
      ]
      const disables = changes.some(change => change.field === 'enabled' && change.value === false)
      if (given.has('end-leases') && !disables) throw new UsageError('--end-leases is for --disable.')
      if (changes.length === 0) throw new UsageError('Nothing to change: say what with options (--help lists them).')
      const asked = query(face, given)
      const lines = told(await client.change(id, changes, asked))
      return lines.length > 0 ? { text: lines.join('\n') } : undefined
    },
  }
}

const query = (face: Face, given: Given): URLSearchParams =>
  new URLSearchParams({ ...(given.has('end-leases') ? { end_leases: 'true' } : {}), ...(face.dryRun ? { dry_run: 'true' } : {}) })

const told = (body: unknown): string[] => {
  const ends = (body as { ends?: Ends } | undefined)?.ends
  if (!ends) return []
  const line = (noun: string) => (h: Holding) =>
    `  would end: ${noun} ${h.uuid} of ${h.resource}, project ${h.project_id}, instead of at ${h.end_time.slice(0, 16)}Z`
  return [
    ...ends.leases.map(line('lease')),
    ...ends.offers.map(line('offer')),
    ...(ends.within > 0 ? [`  would end: ${ends.within} leases of other projects within these`] : []),
    ...(ends.granted > 0 ? [`  would stay until their end: ${ends.granted} leases that other projects have from these offers`] : []),
    ...(ends.leases.length + ends.offers.length === 0 ? ['  nothing would end: there are no leases and no offers'] : []),
  ]
}

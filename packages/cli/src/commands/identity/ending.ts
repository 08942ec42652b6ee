import type { ResourceClient } from '@esi/client'
import { type Command, type Face, type Given, type Option, UsageError } from '../../command.ts'
import { type Crud, changesOf, deleteCommand, setCommand } from '../../crud.ts'

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

/** Deletes projects or domains, and what they hold if that is said. */
export const deleteEnding = (c: Crud, brief: string): Command => ({
  ...deleteCommand(c, brief),
  doc: 'Refused while there are leases or offers, unless --end-leases is given: then they end as at their end, and machines are cleaned.',
  options: END,
  async run(face, given) {
    const client = await c.client(face)
    const lines: string[] = []
    for (const name of given.args(c.resource.name)) {
      const body = await client.call('DELETE', client.one(await idOf(c, client, name)), undefined, query(face, given))
      lines.push(`${face.dryRun ? 'Would delete' : 'Deleted'} ${c.resource.name} ${name}`, ...told(body))
    }
    return { text: lines.join('\n') }
  },
})

/** Changes a project or a domain; when it is disabled, what it holds ends if that is said. */
export const setEnding = (c: Crud, brief: string): Command => {
  const plain = setCommand(c, brief)
  return {
    ...plain,
    doc: 'Disabling is refused while there are leases or offers, unless --end-leases is given: then they end as at their end, and machines are cleaned.',
    options: { ...plain.options, enable: { doc: 'the same as --enabled true' }, disable: { doc: 'the same as --enabled false' }, ...END },
    async run(face, given) {
      const switches = ['enable', 'disable', 'enabled'].filter(name => given.has(name))
      if (switches.length > 1) throw new UsageError(`--${switches[0]} and --${switches[1]} say the same thing twice.`)
      const changes = [
        ...changesOf(c, given),
        ...(given.has('enable') || given.has('disable') ? [{ field: 'enabled', value: given.has('enable') }] : []),
      ]
      const disables = changes.some(change => change.field === 'enabled' && change.value === false)
      if (given.has('end-leases') && !disables) throw new UsageError('--end-leases is for --disable.')
      if (changes.length === 0) throw new UsageError('Nothing to change: say what with options (--help lists them).')
      const client = await c.client(face)
      const id = await idOf(c, client, given.arg(c.resource.name))
      const asked = query(face, given)
      const lines = told(await client.change(id, changes, asked))
      return lines.length > 0 ? { text: lines.join('\n') } : undefined
    },
  }
}

const query = (face: Face, given: Given): URLSearchParams =>
  new URLSearchParams({ ...(given.has('end-leases') ? { end_leases: 'true' } : {}), ...(face.dryRun ? { dry_run: 'true' } : {}) })

const idOf = async (c: Crud, client: ResourceClient<any>, name: string): Promise<string> => String((await client.find(name))[c.resource.id])

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

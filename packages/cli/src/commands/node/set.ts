import type { Change } from '@esi/api/dialect'
import { type Command, type Face, type Given, type Option, UsageError } from '../../command.ts'
import { changesOf, removalsOf, setOptions, unsetOptions } from '../../crud.ts'
import { referredChanges } from '../../refers.ts'
import { nodes } from '../../services.ts'
import { structured } from '../../structured.ts'
import { node } from '../baremetal/cruds.ts'

const INTERFACES = Object.keys(node.resource.fields).filter(name => name.endsWith('_interface'))
const dashed = (name: string): string => name.replaceAll('_', '-')

const args = [{ name: 'node', doc: 'the node, by UUID or name', many: true }]
const raid = 'target-raid-config'

/** Beside its fields: interfaces back to what the driver gives, and the wish for its disks, which is at another place. */
const SETS: Readonly<Record<string, Option>> = {
  ...Object.fromEntries(
    INTERFACES.map(name => [`reset-${dashed(name)}`, { doc: `the ${name.replaceAll('_', ' ')} that the driver gives by itself` }]),
  ),
  'reset-interfaces': { doc: 'with --driver: all interfaces that are not named are those of the new driver' },
  [raid]: { doc: 'how its disks are to be joined, as JSON, a file that holds it, or - for standard input', values: ['json'] },
}

export const set: Command = {
  brief: 'change a node',
  args,
  options: { ...setOptions(node), ...SETS },
  changes: true,
  async run(face, given) {
    const names = given.args('node')
    for (const one of ['name', 'instance-uuid'])
      if (given.has(one) && names.length > 1) throw new UsageError(`--${one} can be given to one node only.`)
    if (given.has('reset-interfaces') && !given.has('driver')) throw new UsageError('--reset-interfaces goes with --driver only.')
    const changes = [...changesOf(node, given), ...resets(given)]
    const disks = given.has(raid) ? structured(given.one(raid)!, `--${raid}`) : undefined
    if (changes.length === 0 && disks === undefined) throw new UsageError('Nothing to change: say what with options (--help lists them).')
    return done(face, names, disks, await referredChanges(node, face, changes), given.has('reset-interfaces'))
  },
}

export const unset: Command = {
  brief: 'take fields of a node back to nothing',
  args,
  options: { ...unsetOptions(node), [raid]: { doc: 'unset the wish for its disks' } },
  changes: true,
  async run(face, given) {
    const changes = removalsOf(node, given)
    const disks = given.has(raid) ? {} : undefined
    if (changes.length === 0 && disks === undefined) throw new UsageError('Nothing to unset: say what with options (--help lists them).')
    return done(face, given.args('node'), disks, changes)
  },
}

const resets = (given: Given): Change[] =>
  INTERFACES.flatMap((name): Change[] => {
    if (!given.has(`reset-${dashed(name)}`)) return []
    if (given.has(dashed(name))) throw new UsageError(`--${dashed(name)} and --reset-${dashed(name)} do not go together.`)
    return [{ field: name, value: null, remove: true }]
  })

/** The disks first: the node may be called otherwise afterwards. */
const done = async (
  face: Face,
  names: readonly string[],
  disks: unknown,
  changes: readonly Change[],
  fresh = false,
): Promise<undefined> => {
  if (disks !== undefined && face.dryRun) throw new UsageError(`--${raid} cannot be tried out.`)
  const client = await nodes(face)
  for (const name of names) {
    if (disks !== undefined) await client.call('PUT', client.one(name, 'states', 'raid'), disks)
    if (changes.length === 0) continue
    const query = { ...(fresh ? { reset_interfaces: 'true' } : {}), ...(face.dryRun ? { dry_run: 'true' } : {}) }
    await client.change(name, changes, new URLSearchParams(query))
  }
  return undefined
}

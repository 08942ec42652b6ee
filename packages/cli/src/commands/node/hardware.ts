import { type Command, type Given, type Output, UsageError } from '../../command.ts'
import { each } from '../../each.ts'
import { nodes } from '../../services.ts'
import { listOf, oneOf } from '../../show.ts'

const node = { name: 'node', doc: 'the node, by UUID or name' }

export const validate: Command = {
  brief: 'say what a node lacks to be used',
  args: [node],
  prints: 'list',
  async run(face, given) {
    const client = await nodes(face)
    const body = (await client.call('GET', client.one(given.arg('node'), 'validate'))) as Record<
      string,
      { result: boolean | null; reason?: string }
    >
    const columns = [
      ['Interface', 'interface'],
      ['Result', 'result'],
      ['Reason', 'reason'],
    ] as const
    return listOf(
      columns,
      Object.keys(body)
        .sort()
        .map(name => ({ interface: name, result: body[name]!.result, reason: body[name]!.reason ?? '' })),
    )
  },
}

export const showBootDevice: Command = {
  brief: 'show what a node boots from',
  args: [node],
  options: { supported: { doc: 'show what it could boot from instead' } },
  prints: 'one',
  async run(face, given) {
    const client = await nodes(face)
    const path = client.one(given.arg('node'), 'management', 'boot_device')
    if (given.has('supported')) {
      const { supported_boot_devices: devices } = (await client.call('GET', `${path}/supported`)) as { supported_boot_devices: string[] }
      return { fields: [['supported_boot_devices', devices.join(', ')]] }
    }
    return oneOf(['boot_device', 'persistent'], (await client.call('GET', path)) as object)
  },
}

export const setBootDevice: Command = {
  brief: 'say what a node is to boot from',
  args: [
    { ...node, doc: 'the nodes, by UUID or name', many: true },
    { name: 'device', doc: 'pxe, disk, cdrom, bios, safe, wanboot or usb' },
  ],
  options: { persistent: { doc: 'from now on, and not only the next time' } },
  async run(face, given) {
    const client = await nodes(face)
    for (const name of given.args('node'))
      await client.call('PUT', client.one(name, 'management', 'boot_device'), {
        boot_device: given.arg('device'),
        persistent: given.has('persistent'),
      })
    return undefined
  },
}

export const listTraits: Command = {
  brief: "list a node's traits",
  args: [node],
  prints: 'list',
  async run(face, given) {
    const client = await nodes(face)
    const { traits } = (await client.call('GET', client.one(given.arg('node'), 'traits'))) as { traits: string[] }
    return traitsTable(traits)
  },
}

export const traitsTable = (traits: readonly string[]): Output =>
  listOf(
    [['Traits', 'traits']],
    traits.map(each => ({ traits: each })),
  )

const traits = { name: 'trait', doc: 'a trait, like HW_CPU_X86_VMX or CUSTOM_FAST', many: true }

/** What is said of each trait. */
export const adding = { done: (trait: string) => `Added trait ${trait}`, failed: (trait: string) => `Failed to add trait ${trait}` }
export const removing = { done: (trait: string) => `Removed trait ${trait}`, failed: (trait: string) => `Failed to remove trait ${trait}` }
export const REMOVED = 'Removed all traits'

export const addTraits: Command = {
  brief: 'add traits to a node',
  args: [node, traits],
  async run(face, given) {
    const client = await nodes(face)
    return each(given.args('trait'), adding, trait => client.call('PUT', client.one(given.arg('node'), 'traits', trait)))
  },
}

export const removeTraits: Command = {
  brief: 'remove traits from a node',
  args: [node, { ...traits, optional: true }],
  options: { all: { doc: 'all of them' } },
  async run(face, given) {
    const names = someOrAll(given)
    const client = await nodes(face)
    if (names !== 'all') return each(names, removing, trait => client.call('DELETE', client.one(given.arg('node'), 'traits', trait)))
    await client.call('DELETE', client.one(given.arg('node'), 'traits'))
    return { text: REMOVED }
  },
}

/** Either traits are named or all are meant. */
export const someOrAll = (given: Given): readonly string[] | 'all' => {
  const names = given.args('trait')
  if (given.has('all') === names.length > 0) throw new UsageError('Say which traits, or --all.')
  return given.has('all') ? 'all' : names
}

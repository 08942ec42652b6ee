import { type Command, UsageError } from '../../command.ts'
import { nodes } from '../../services.ts'
import { secondsOf, wait } from '../../waiting.ts'
import { awaitNode } from './await.ts'

const targets = {
  on: 'power on',
  off: 'power off',
  reboot: 'rebooting',
  'soft off': 'soft power off',
  'soft reboot': 'soft rebooting',
} as const

/** `node power on|off`, `node reboot`: asks for it; with --wait it stays until the machine says so. */
export const powerCommand = (kind: 'on' | 'off' | 'reboot'): Command => ({
  brief: kind === 'reboot' ? 'restart nodes' : `switch nodes ${kind}`,
  args: [{ name: 'node', doc: 'the node, by UUID or name', many: true }],
  options: {
    ...(kind === 'on' ? {} : { soft: { doc: 'ask the operating system instead of pulling the plug' } }),
    'power-timeout': { doc: 'how long it may take, in seconds', values: ['seconds'] },
    wait,
  },
  async run(face, given) {
    const client = await nodes(face)
    const timeout = given.one('power-timeout')
    if (timeout !== undefined && !/^[1-9]\d*$/.test(timeout))
      throw new UsageError(`--power-timeout must be a whole number above 0, not "${timeout}".`)
    const soft = given.has('soft') && kind !== 'on'
    const target = targets[soft ? (`soft ${kind}` as 'soft off') : kind]
    const names = given.args('node')
    for (const name of names)
      await client.call('PUT', client.one(name, 'states', 'power'), { target, ...(timeout ? { timeout: Number(timeout) } : {}) })
    const seconds = secondsOf(given)
    if (seconds !== undefined)
      for (const name of names) await awaitNode(face, client, name, node => node.target_power_state === null, 'power_state', false, seconds)
    return undefined
  },
})

import type { PasswordChange } from '@esi/api/baremetal/day2'
import { waitFor } from '@esi/client'
import { type Command, UsageError } from '../../../command.ts'
import { nodes } from '../../../services.ts'
import { oneOf } from '../../../show.ts'
import { present } from '../../../values.ts'
import { secretFrom } from '../../rack/search.ts'
import { askPlan, planText } from '../plan.ts'

const node = { name: 'node', doc: 'the node, by UUID or name' }

export const rotate: Command = {
  brief: "change the password of a node's BMC",
  doc: 'The server makes a password that nobody is told, or takes yours from a file; it is never on a command line. It is set on the BMC, proven by a login, and only then the old one is forgotten. Killed anywhere, one of both works, and the server finds out which.',
  args: [node],
  options: {
    'password-file': { doc: 'the file that holds the new one; - for standard input', values: ['file'] },
    wait: { doc: 'wait until it is proven' },
  },
  changes: true,
  examples: ['esi node bmc password rotate node-1 --wait', 'pass show bmc/node-1 | esi node bmc password rotate node-1 --password-file -'],
  async run(face, given) {
    const client = await nodes(face)
    const name = given.arg('node')
    const file = given.one('password-file')
    const password = file === undefined ? undefined : secretFrom(file)
    if (password === '') throw new UsageError('The password is empty.')
    const plan = await askPlan(face, client, name, ['bmc', 'password'], present({ password }))
    if (face.dryRun || !given.has('wait')) return planText(face, plan)
    const end = await waitFor(
      async () => (await client.call('GET', client.one(name, 'bmc', 'password'))) as PasswordChange,
      ({ state }) => state !== 'asked' && state !== 'setting',
      { signal: face.signal, progress: ({ state, error }) => face.progress(`${name}: ${state}${error ? `: ${error}` : ''}`) },
    )
    if (end.state !== 'done') throw new Error(`The password of the BMC of ${name} was not changed (${end.state}): ${end.error}`)
    return { text: `The password of the BMC of ${name} is another one now, proven by a login.${end.error === null ? '' : ` ${end.error}`}` }
  },
}

export const show: Command = {
  brief: "show how the last change of a BMC's password went",
  args: [node],
  prints: 'one',
  async run(face, given) {
    const client = await nodes(face)
    const is = (await client.call('GET', client.one(given.arg('node'), 'bmc', 'password'))) as PasswordChange
    return oneOf(['state', 'asked_at', 'began_at', 'done_at', 'user', 'project', 'error'], is)
  },
}

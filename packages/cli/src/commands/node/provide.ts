import { type Command, type Face, type Given, type Option, UsageError } from '../../command.ts'
import { nodes } from '../../services.ts'
import { fileText, structured } from '../../structured.ts'
import { secondsOf, wait } from '../../waiting.ts'
import { awaitNode } from './await.ts'
import { driveOf } from './drive.ts'

type More = Readonly<
  Record<string, { readonly option: Option; readonly field: string; read(text: string | undefined, option: string): unknown }>
>

const json = (doc: string, field: string): More[string] => ({
  option: { doc: `${doc}, as JSON, a file that holds it, or - for standard input`, values: ['json'] },
  field,
  read: (text, option) => structured(text!, option),
})
const runbook: More[string] = {
  option: { doc: 'a runbook whose steps are done, by UUID or name', values: ['runbook'] },
  field: 'runbook',
  read: text => text,
}
const ramdisk: More[string] = {
  option: { doc: 'without a ramdisk: only steps that need none' },
  field: 'disable_ramdisk',
  read: () => true,
}
const drive: More[string] = {
  option: {
    doc: 'the configuration drive: JSON, a URL, a file (of JSON, of an image, or of one in base64), or a folder to make one of',
    values: ['drive'],
  },
  field: 'configdrive',
  read: (text, option) => driveOf(text!, option),
}

/** What some of the verbs take beside the node. */
const MORE: Readonly<Record<string, More>> = {
  active: { 'config-drive': drive, 'deploy-steps': json('steps of the deployment', 'deploy_steps') },
  rebuild: { 'config-drive': drive, 'deploy-steps': json('steps of the deployment', 'deploy_steps') },
  clean: { 'clean-steps': json('the steps', 'clean_steps'), runbook, 'disable-ramdisk': ramdisk },
  service: { 'service-steps': json('the steps', 'service_steps'), runbook, 'disable-ramdisk': ramdisk },
}

const NEEDED: Readonly<Record<string, readonly string[]>> = { clean: ['clean-steps', 'runbook'], service: ['service-steps', 'runbook'] }

/** `node manage`, `node provide`, `node deploy` …: asks for a provision state. */
export const provisionCommand = (target: string, brief: string): Command => {
  const more = MORE[target] ?? {}
  return {
    brief,
    args: [{ name: 'node', doc: 'the node, by UUID or name', many: true }],
    options: {
      ...Object.fromEntries(Object.entries(more).map(([name, { option }]) => [name, option])),
      ...(target === 'rescue'
        ? {
            'rescue-password-file': {
              doc: 'the file that holds the password; - for standard input. Without it you are asked',
              values: ['file'],
            },
            'rescue-password': { doc: 'not taken: others can read it; --rescue-password-file is for it', values: ['password'] },
          }
        : {}),
      wait,
    },
    async run(face, given) {
      const needed = NEEDED[target]
      if (needed && needed.filter(name => given.has(name)).length !== 1)
        throw new UsageError(`Say what is to be done, either with --${needed.join(' or with --')}.`)
      const body: Record<string, unknown> = { target }
      for (const [name, { field, read }] of Object.entries(more)) if (given.has(name)) body[field] = read(given.one(name), `--${name}`)
      if (target === 'rescue') body['rescue_password'] = await password(face, given)
      const client = await nodes(face)
      const names = given.args('node')
      for (const name of names) await client.call('PUT', client.one(name, 'states', 'provision'), body)
      const seconds = secondsOf(given)
      if (seconds !== undefined)
        for (const name of names) await awaitNode(face, client, name, isOver, 'provision_state', target === 'abort', seconds)
      return undefined
    },
  }
}

/** Where it failed a node still has its aim, and stays where it is until somebody sees to it. */
const isOver = (node: { readonly provision_state: string | null; readonly target_provision_state: string | null }): boolean =>
  node.target_provision_state === null || /failed$|^error$/.test(node.provision_state ?? '')

/** What is on a command line, others can read: scripts that give it so are told where it belongs. */
const password = async (face: Face, given: Given): Promise<string> => {
  if (given.has('rescue-password'))
    throw new UsageError(
      'Others on this machine can read a password on a command line: put it into a file, for --rescue-password-file, or pipe it to --rescue-password-file -.',
    )
  const file = given.one('rescue-password-file')
  return file === undefined
    ? face.keyboard.ask('Password for the rescue system: ', '--rescue-password-file', true)
    : fileText(file, '--rescue-password-file')
}

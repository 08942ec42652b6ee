import { type Explained, type ExplainedRule, explainRule } from '@esi/api/policies'
import { type Command, type Given, UsageError } from '../../command.ts'
import { askServices, serviceOption } from './ask.ts'

/** `k=v …` as one object; values are text, as ids are. */
const pairs = (option: string, texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map(text => {
      const at = text.indexOf('=')
      if (at < 1) throw new UsageError(`--${option} must be like node.owner=ID, not "${text}".`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )

/** Somebody else's credentials, when any are given. */
const whoOf = (given: Given): object | undefined => {
  const who = pairs('who', given.all('who'))
  const roles = given.all('role')
  if (Object.keys(who).length === 0 && roles.length === 0) return undefined
  if ('roles' in who) throw new UsageError('Roles are given with --role.')
  return { ...who, roles }
}

const lines = ({ check, outcome, because, parts }: Explained, depth: number): string[] => [
  `${'  '.repeat(depth)}${outcome ? 'yes' : 'no '} ${check}${because ? `   (${because})` : ''}`,
  ...(parts ?? []).flatMap(part => lines(part, depth + 1)),
]

export const command: Command = {
  brief: 'say whether a policy rule lets you, and why',
  doc: 'Nothing is looked up: name with --target what the rule asks about. An administrator may ask for others.',
  args: [{ name: 'rule', doc: 'the rule, as a refusal names it' }],
  options: {
    target: { doc: 'what the rule is asked about, for example node.owner=ID', values: ['key=value'], repeat: true },
    who: {
      doc: "somebody else's credentials: user_id, project_id, project_name, domain_id, system_scope=all, …",
      values: ['key=value'],
      repeat: true,
    },
    role: { doc: 'a role of theirs; give also those that it implies', values: ['role'], repeat: true },
    service: serviceOption,
  },
  examples: ['esi policy explain baremetal:node:set_power_state --target node.lessee=$PROJECT'],
  async run(face, given) {
    const rule = given.arg('rule')
    const who = whoOf(given)
    const body = { rule, target: pairs('target', given.all('target')), ...(who ? { who } : {}) }
    const { method, path } = explainRule
    const told = await askServices<ExplainedRule>(await face.session(), given, { method, path, body })
    if (told.length === 0) throw new UsageError(`No service has a rule "${rule}". "esi policy show" lists all, to administrators.`)
    const text = told.map(({ service, answer }) =>
      [
        `${service}: ${answer.outcome ? 'allowed' : 'refused'} by ${answer.rule}${answer.source === 'file' ? ", which is the operator's" : ''}`,
        ...lines(answer.explanation, 1),
      ].join('\n'),
    )
    return { text: text.join('\n') }
  },
}

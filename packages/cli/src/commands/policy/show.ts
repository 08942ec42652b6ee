import { type ListedRule, listRules } from '@esi/api/policies'
import { type Command, UsageError } from '../../command.ts'
import { askServices, serviceOption } from './ask.ts'

export const command: Command = {
  brief: 'show the policy rules in force, and where they come from',
  args: [{ name: 'rule', doc: 'only these rules', optional: true, many: true }],
  options: {
    service: serviceOption,
    changed: { doc: "only what the operator's file says otherwise than the default" },
    long: { doc: 'with the default, what the rule guards, and what it is for' },
  },
  prints: 'list',
  examples: ['esi policy show baremetal:node:get', 'esi policy show --changed --long'],
  async run(face, given) {
    const names = given.args('rule')
    const { method, path } = listRules
    const query = new URLSearchParams(names.length > 0 ? { name: names.join(',') } : {})
    const told = await askServices<{ rules: ListedRule[] }>(await face.session(), given, { method, path, query })
    const found = told.flatMap(({ service, answer }) => answer.rules.map(rule => ({ service, rule })))
    for (const name of names) if (!found.some(({ rule }) => rule.name === name)) throw new UsageError(`No service has a rule "${name}".`)
    const shown = given.has('changed') ? found.filter(({ rule }) => rule.source === 'file') : found
    const long = given.has('long')
    return {
      columns: ['Service', 'Rule', 'In Force', 'Source', ...(long ? ['Default', 'Operations', 'Description'] : [])],
      rows: shown.map(({ service, rule }) => [
        service,
        rule.name,
        rule.in_force,
        rule.source,
        ...(long ? [rule.default, rule.operations.join('\n'), rule.doc] : []),
      ]),
    }
  },
}

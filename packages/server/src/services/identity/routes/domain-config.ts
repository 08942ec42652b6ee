import { Refused } from '@esi/api/dialect'
import { domainConfigRoutes as specs } from '@esi/api/identity/domain-config'
import { isObject } from '@esi/api/types'
import type { Tx } from '../../../kit/db/transaction.ts'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import { type Groups, isSecret, known, readGroups, readPart, SETTINGS } from '../domain/domain-config.ts'
import { missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { isDomain } from '../store/accounts.ts'
import * as store from '../store/domain-configs.ts'
import { DEFAULT } from '../store/foundation.ts'
import { emit } from '../telling.ts'

type Params = Readonly<Record<string, string>>

const COMPLIANCE = 'security_compliance'

/** Settings of domains. */
export const domainConfig = (house: House): Route[] => {
  const { database, secrets, config } = house
  const { db } = database

  const need = async (domain: string): Promise<void> => {
    if (!(await isDomain(db, domain))) throw missing('domain', domain)
  }

  const none = (domain: string, group?: string, option?: string): Refused =>
    new Refused(
      'missing',
      `Could not find ${option !== undefined ? `option ${option} in group ${group}` : group !== undefined ? `group ${group}` : 'any options'} in domain configuration for domain ${domain}.`,
    )

  const matching = (settings: readonly store.Setting[], group?: string, option?: string): store.Setting[] =>
    settings.filter(s => (group === undefined || s.group === group) && (option === undefined || s.option === option))

  const shown = (settings: readonly store.Setting[]): Record<string, Record<string, unknown>> => {
    const groups: Record<string, Record<string, unknown>> = {}
    for (const s of settings) if (s.sealed === null) groups[s.group] = { ...groups[s.group], [s.option]: s.value }
    return groups
  }

  const show = async (context: Context, { domain = '', group, option }: Params): Promise<Reply> => {
    if (group === COMPLIANCE) return compliance(context, domain, option)
    context.require('identity:get_domain_config')
    await need(domain)
    known(group, option)
    const found = matching(await store.readSettings(db, domain), group, option).filter(s => s.sealed === null)
    if (found.length === 0) throw none(domain, group, option)
    return { body: { config: option === undefined ? shown(found) : { [option]: found[0]!.value } } }
  }

  /** What everybody may know of the rules for passwords. */
  const compliance = async (context: Context, domain: string, option: string | undefined): Promise<Reply> => {
    context.require('identity:get_security_compliance_domain_config')
    await need(domain)
    const refused = (reason: string) => new Refused('forbidden', `Invalid domain specific configuration: ${reason}.`)
    if (domain !== DEFAULT)
      throw refused('Reading security compliance information for any domain other than the default domain is not allowed or supported')
    const readable: Record<string, unknown> = {
      password_regex: config.rules.pattern ?? null,
      password_regex_description: config.rules.patternInWords ?? null,
    }
    if (option === undefined) return { body: { config: { [COMPLIANCE]: readable } } }
    if (!Object.hasOwn(readable, option))
      throw refused('Reading security compliance values other than password_regex and password_regex_description is not allowed')
    return { body: { config: { [option]: readable[option] } } }
  }

  const write = async (tx: Tx, domain: string, groups: Groups): Promise<void> => {
    for (const [group, options] of Object.entries(groups))
      for (const [option, value] of Object.entries(options))
        await store.putSetting(tx.db, hex(), domain, {
          group,
          option,
          value,
          sealed: isSecret(group, option) ? secrets.seal(JSON.stringify(value)) : null,
        })
  }

  const told = (tx: Tx, deed: string, domain: string): void =>
    emit(tx, `domain_config.${deed}`, { type: 'domain_config', id: domain }, [domain])

  const update = async (context: Context, { domain = '', group, option }: Params, raw: unknown): Promise<Reply> => {
    context.require('identity:update_domain_config')
    await need(domain)
    const given = isObject(raw) ? raw['config'] : undefined
    const groups = group === undefined ? readGroups(given) : readPart(given, group, option)
    const settings = await database.transaction(context, async tx => {
      await store.lockDomain(tx.db, domain)
      const before = await store.readSettings(tx.db, domain)
      if (group !== undefined && matching(before, group, option).length === 0) throw none(domain, group, option)
      await write(tx, domain, groups)
      told(tx, 'updated', domain)
      return store.readSettings(tx.db, domain)
    })
    return { body: { config: shown(settings) } }
  }

  const remove = async (context: Context, { domain = '', group, option }: Params): Promise<Reply> => {
    context.require('identity:delete_domain_config')
    await need(domain)
    known(group, option)
    await database.transaction(context, async tx => {
      await store.lockDomain(tx.db, domain)
      if (group !== undefined && matching(await store.readSettings(tx.db, domain), group, option).length === 0)
        throw none(domain, group, option)
      await store.dropSettings(tx.db, domain, group, option)
      told(tx, 'deleted', domain)
    })
    return {}
  }

  const defaults = async (context: Context, { group, option }: Params): Promise<Reply> => {
    context.require('identity:get_domain_config_default')
    known(group, option)
    if (group === undefined) return { body: { config: SETTINGS } }
    if (option === undefined) return { body: { config: { [group]: SETTINGS[group] } } }
    if (isSecret(group, option))
      throw new Refused(
        'forbidden',
        `Invalid domain specific configuration: Reading the default for option ${option} in group ${group} is not supported.`,
      )
    return { body: { config: { [option]: SETTINGS[group]![option] } } }
  }

  return [
    handle(specs.default, (context, input) => defaults(context, input.params)),
    handle(specs.defaultGroup, (context, input) => defaults(context, input.params)),
    handle(specs.defaultOption, (context, input) => defaults(context, input.params)),
    handle(specs.create, async (context, input) => {
      context.require('identity:create_domain_config')
      const domain = input.params['domain']!
      await need(domain)
      const groups = readGroups(isObject(input.raw) ? input.raw['config'] : undefined)
      const { had, settings } = await database.transaction(context, async tx => {
        await store.lockDomain(tx.db, domain)
        const before = await store.readSettings(tx.db, domain)
        await store.dropSettings(tx.db, domain)
        await write(tx, domain, groups)
        told(tx, 'created', domain)
        return { had: before.length > 0, settings: await store.readSettings(tx.db, domain) }
      })
      return { status: had ? 200 : 201, body: { config: shown(settings) } }
    }),
    handle(specs.show, (context, input) => show(context, input.params)),
    handle(specs.showGroup, (context, input) => show(context, input.params)),
    handle(specs.showOption, (context, input) => show(context, input.params)),
    handle(specs.update, (context, input) => update(context, input.params, input.raw)),
    handle(specs.updateGroup, (context, input) => update(context, input.params, input.raw)),
    handle(specs.updateOption, (context, input) => update(context, input.params, input.raw)),
    handle(specs.delete, (context, input) => remove(context, input.params)),
    handle(specs.deleteGroup, (context, input) => remove(context, input.params)),
    handle(specs.deleteOption, (context, input) => remove(context, input.params)),
  ]
}

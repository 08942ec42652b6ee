import { Refused } from '@esi/api/dialect'
import { isObject } from '@esi/api/types'

/**
 * Settings that a domain may have, with their defaults. They are kept for clients that ask: users of all domains are in the
 * database. Source: Keystone's domain configuration.
 */
export const SETTINGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  identity: { driver: 'sql', list_limit: null },
  ldap: {
    url: 'ldap://localhost',
    user: null,
    suffix: 'cn=example,cn=com',
    query_scope: 'one',
    page_size: 0,
    alias_dereferencing: 'default',
    debug_level: null,
    chase_referrals: null,
    user_tree_dn: null,
    user_filter: null,
    user_objectclass: 'inetOrgPerson',
    user_id_attribute: 'cn',
    user_name_attribute: 'sn',
    user_mail_attribute: 'mail',
    user_description_attribute: 'description',
    user_pass_attribute: 'userPassword',
    user_enabled_attribute: 'enabled',
    user_enabled_invert: false,
    user_enabled_mask: 0,
    user_enabled_default: 'True',
    user_attribute_ignore: ['default_project_id'],
    user_default_project_id_attribute: null,
    user_enabled_emulation: false,
    user_enabled_emulation_dn: null,
    user_enabled_emulation_use_group_config: false,
    user_additional_attribute_mapping: [],
    group_tree_dn: null,
    group_filter: null,
    group_objectclass: 'groupOfNames',
    group_id_attribute: 'cn',
    group_name_attribute: 'ou',
    group_members_are_ids: false,
    group_member_attribute: 'member',
    group_desc_attribute: 'description',
    group_attribute_ignore: [],
    group_additional_attribute_mapping: [],
    tls_cacertfile: null,
    tls_cacertdir: null,
    use_tls: false,
    tls_req_cert: 'demand',
    use_pool: true,
    pool_size: 10,
    pool_retry_max: 3,
    pool_retry_delay: 0.1,
    pool_connection_timeout: -1,
    pool_connection_lifetime: 600,
    use_auth_pool: true,
    auth_pool_size: 100,
    auth_pool_connection_lifetime: 60,
  },
}

/** Settings that are taken and never shown. */
const SECRET: Readonly<Record<string, readonly string[]>> = { identity: [], ldap: ['password'] }

export const isSecret = (group: string, option: string): boolean => SECRET[group]?.includes(option) ?? false

const refused = (reason: string): Refused => new Refused('forbidden', `Invalid domain specific configuration: ${reason}.`)

/** Throws for a group or an option that no domain has of its own. */
export const known = (group: string | undefined, option: string | undefined): void => {
  if (group === undefined) return
  if (!Object.hasOwn(SETTINGS, group)) throw refused(`Group ${group.slice(0, 100)} is not supported for domain specific configurations`)
  if (option !== undefined && !Object.hasOwn(SETTINGS[group]!, option) && !isSecret(group, option))
    throw refused(`Option ${option.slice(0, 100)} in group ${group} is not supported for domain specific configurations`)
}

export type Groups = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Settings as they were sent: groups of options that there are. */
export const readGroups = (given: unknown): Groups => {
  if (!isObject(given) || Object.keys(given).length === 0) throw refused('No options specified')
  for (const [group, options] of Object.entries(given)) {
    if (!isObject(options) || Object.keys(options).length === 0)
      throw refused(`The value of group ${group.slice(0, 100)} specified in the config should be a dictionary of options`)
    for (const option of Object.keys(options)) known(group, option)
  }
  return given as Groups
}

/** A change of one group or one option: just that, and nothing beside it. */
export const readPart = (given: unknown, group: string, option: string | undefined): Groups => {
  const groups = readGroups(option === undefined ? given : { [group]: given })
  known(group, option)
  const [first = ''] = Object.keys(groups)
  const options = Object.keys(groups[first]!)
  if (option !== undefined && (options.length !== 1 || options[0] !== option))
    throw refused(`Trying to update option ${option} in group ${group}, so that, and only that, option must be specified in the config`)
  if (Object.keys(groups).length !== 1 || first !== group)
    throw refused(`Trying to update group ${group}, so that, and only that, group must be specified in the config`)
  return groups
}

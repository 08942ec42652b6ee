import { REFERENCE } from './reference.ts'

/** What a role is to a node: its place in the ladder, or nobody's. */
export type Least = 'admin' | 'manager' | 'member' | 'reader' | '-'
export interface Row {
  readonly system: Least
  readonly owner: Least
  readonly lessee: Least
  readonly any: Least
}

export const reference: ReadonlyMap<string, Row> = new Map(
  REFERENCE.trim()
    .split('\n')
    .slice(1)
    .map(line => {
      const [name, system, owner, lessee, any] = line.split(/\s+/)
      return [name!, { system, owner, lessee, any } as Row]
    }),
)

const SAMPLE = 'ESI’s policy.yaml.sample: admin, owner, lessee'
const PRODUCTION = 'ESI’s production policy: admin, owner, lessee'

/**
 * Where we let others through than the reference does, and why. ESI’s own files, older than roles in a project, ask for none; here
 * changing takes `member` and reading `reader`, as everywhere else in the reference.
 */
export const DEVIATIONS: Readonly<Record<string, Partial<Row> & { readonly why: string }>> = {
  'node:update': { lessee: '-', why: 'ESI’s policy.yaml.sample: admin, owner; a lessee does not edit what it leases' },
  'node:update_instance_info': { lessee: 'member', why: SAMPLE },
  'node:validate': { lessee: 'member', why: SAMPLE },
  'node:set_maintenance': { lessee: 'member', why: SAMPLE },
  'node:clear_maintenance': { lessee: 'member', why: SAMPLE },
  'node:set_provision_state': { lessee: 'member', why: SAMPLE },
  'node:set_provision_state:clean_steps': {
    lessee: 'member',
    why: `${SAMPLE}; the sample is older than this rule and has it within the last`,
  },
  'node:set_provision_state:service_steps': {
    lessee: 'member',
    why: `${SAMPLE}; the sample is older than this rule and has it within the last but one`,
  },
  'node:vif:attach': { lessee: 'member', why: SAMPLE },
  'node:vif:detach': { lessee: 'member', why: SAMPLE },
  'port:update': { owner: 'member', lessee: 'member', why: SAMPLE },
  'node:get_console': { lessee: 'member', why: PRODUCTION },
  'node:set_console_state': { lessee: 'member', why: PRODUCTION },
  'node:get_boot_device': { owner: 'member', lessee: 'member', why: PRODUCTION },
  'node:set_boot_device': { owner: 'member', lessee: 'member', why: PRODUCTION },
  'volume:create': { owner: 'member', lessee: 'member', why: PRODUCTION },
  'volume:update': { lessee: 'member', why: PRODUCTION },
  'volume:delete': { owner: 'member', lessee: 'member', why: PRODUCTION },
  'node:delete:self_owned_node': {
    system: 'admin',
    why: 'a delete asks one rule here and two in the original, so this one lets through whom node:delete does',
  },
}

/** Policies of the reference that guard what this service does not have. */
export const ABSENT: Readonly<Record<string, string>> = {
  'node:get:filter_threshold': 'guards a shortcut of the original’s lists; here who sees which rows is SQL',
  'node:ipa_heartbeat': 'lets everybody; a ramdisk has no login, so its routes need no token',
  'driver:ipa_lookup': 'lets everybody; a ramdisk has no login, so its routes need no token',
  'driver:ipa_continue_inspection': 'lets everybody; a ramdisk has no login, so its routes need no token',
  'allocation:create_pre_rbac': 'a rule of the times before roles, that lets nobody',
  'inspection_rule:list_all': 'rules are nobody’s own: whoever sees one lists all',
}

/** Policies of ours that the reference does not have. */
export const OURS: Readonly<Record<string, Row>> = {
  discovery: { system: 'admin', owner: '-', lessee: '-', any: '-' },
  'node:bmc_password': { system: 'member', owner: 'member', lessee: '-', any: '-' },
  'node:get:release': { system: 'reader', owner: 'reader', lessee: '-', any: '-' },
  'retired_node:list': { system: 'reader', owner: 'reader', lessee: 'reader', any: 'reader' },
  'retired_node:list_all': { system: 'reader', owner: '-', lessee: '-', any: '-' },
  'retired_node:get': { system: 'reader', owner: 'reader', lessee: '-', any: '-' },
  'node:transfer': { system: 'admin', owner: 'member', lessee: '-', any: '-' },
  'node:replace': { system: 'member', owner: 'member', lessee: '-', any: '-' },
  'node:retire': { system: 'member', owner: 'member', lessee: '-', any: '-' },
  'node:release_unclean': { system: 'admin', owner: '-', lessee: '-', any: '-' },
}

/** Who is to be let through: the reference, where it is not listed otherwise. */
export const expected = (policy: string): Row | undefined => {
  const row = reference.get(policy) ?? OURS[policy]
  const { why: _, ...other } = DEVIATIONS[policy] ?? { why: '' }
  return row && policy in ABSENT ? undefined : row && { ...row, ...other }
}

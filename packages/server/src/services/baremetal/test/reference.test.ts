import { expect, it } from 'vitest'
import { type Caller, credentials } from '../../../kit/auth/caller.ts'
import { createPolicy } from '../../../kit/policy/policy.ts'
import { idOf } from '../../../kit/testing/personas.ts'
import { silent } from '../../../kit/testing/silent-log.ts'
import { policies } from '../policies.ts'
import { ABSENT, DEVIATIONS, expected, type Least, OURS, type Row, reference } from './deviations.ts'

// Our rules against the original's, policy by policy and role by role. What it says is not derived from our rules.

const policy = createPolicy({ defaults: policies, log: silent })
const ours = policies.map(p => p.name).filter(name => name.startsWith('baremetal:'))
const bare = (name: string) => name.slice('baremetal:'.length)

const LADDER = ['admin', 'manager', 'member', 'reader'] as const
const SCOPES = ['system', 'owner', 'lessee', 'any'] as const

/** A caller of that scope whose highest role it is. */
const caller = (scope: (typeof SCOPES)[number], role: (typeof LADDER)[number]): Caller => ({
  user: { id: 'u', name: 'u', domain: 'default' },
  ...(scope === 'system' ? { system: true } : { project: { id: idOf(scope), name: scope, domain: 'default' } }),
  roles: LADDER.slice(LADDER.indexOf(role)),
})
const TARGET = {
  'node.owner': idOf('owner'),
  'node.lessee': idOf('lessee'),
  'allocation.owner': idOf('owner'),
  'runbook.owner': idOf('owner'),
  'retired_node.owner': idOf('owner'),
  'runbook.public': false,
}

/** The least role that is let through. */
const least = (rule: string, scope: (typeof SCOPES)[number]): Least => {
  const through = LADDER.filter(role => policy.may(rule, TARGET, credentials(caller(scope, role))))
  // Whoever has more may no less.
  expect(through, `${rule} for ${scope}`).toEqual(LADDER.slice(0, through.length))
  return through.at(-1) ?? '-'
}
const rowOf = (rule: string): Row => Object.fromEntries(SCOPES.map(scope => [scope, least(rule, scope)])) as unknown as Row

it('knows the whole reference', () => {
  expect(reference.size).toBe(122)
  for (const row of reference.values()) for (const scope of SCOPES) expect([...LADDER, '-']).toContain(row[scope])
})

it('has every policy of the reference, but those that are listed as absent', () => {
  expect([...reference.keys()].filter(name => !ours.includes(`baremetal:${name}`)).sort()).toEqual(Object.keys(ABSENT).sort())
  expect(
    ours
      .map(bare)
      .filter(name => !reference.has(name))
      .sort(),
  ).toEqual(Object.keys(OURS).sort())
})

it.each(ours)('%s lets through whom the reference does, or who is listed otherwise', rule => {
  expect(rowOf(rule)).toEqual(expected(bare(rule)))
})

it('lists nothing as otherwise that is not, and gives a reason for each', () => {
  for (const [name, { why, ...other }] of Object.entries(DEVIATIONS)) {
    expect(why).not.toBe('')
    for (const [scope, role] of Object.entries(other)) expect(reference.get(name)![scope as keyof Row], `${name} ${scope}`).not.toBe(role)
  }
})

it('takes a role in the project admin of the default domain for one in the system', () => {
  const admin: Caller = {
    user: { id: 'u', name: 'u', domain: 'default' },
    project: { id: 'a', name: 'admin', domain: 'default' },
    roles: [...LADDER],
  }
  for (const rule of ours) {
    const wanted = expected(bare(rule))!
    expect(policy.may(rule, TARGET, credentials(admin)), rule).toBe(wanted.system !== '-' || wanted.any !== '-')
  }
})

import { chassis } from '@esi/api/baremetal/chassis'
import { node } from '@esi/api/baremetal/node'
import * as nodeRoutes from '@esi/api/baremetal/node-routes'
import { port } from '@esi/api/baremetal/port'
import { portgroup } from '@esi/api/baremetal/portgroup'
import * as routes from '@esi/api/baremetal/routes'
import { describe, expect, it } from 'vitest'
import { type Caller, credentials } from '../../kit/auth/caller.ts'
import { createPolicy } from '../../kit/policy/policy.ts'
import { idOf, persona, personas } from '../../kit/testing/personas.ts'
import { silent } from '../../kit/testing/silent-log.ts'
import { policies } from './policies.ts'

const policy = createPolicy({ defaults: policies, log: silent })
const names = new Set(policies.map(p => p.name))
const OWNER = idOf('project owner')
const LESSEE = idOf('project lessee')
const LEASED = { 'node.owner': OWNER, 'node.lessee': LESSEE }

const may = (caller: Caller, rule: string, target: Record<string, unknown> = LEASED) =>
  policy.may(rule.startsWith('baremetal:') ? rule : `baremetal:${rule}`, target, credentials(caller))

describe('the table of policies', () => {
  it('has every rule that the API names', () => {
    const asked = new Set<string>()
    for (const table of [node, port, portgroup, chassis]) {
      for (const rule of Object.values(table.policy)) asked.add(rule)
      for (const field of Object.values(table.fields) as { read?: { policy: string }; write?: { policy: string } }[]) {
        if (field.read) asked.add(field.read.policy)
        if (field.write) asked.add(field.write.policy)
      }
    }
    for (const route of [...Object.values(nodeRoutes), ...Object.values(routes)].flat())
      for (const rule of 'policies' in route ? (route.policies as readonly string[]) : []) asked.add(rule)
    expect([...asked].filter(rule => !names.has(rule))).toEqual([])
    expect(asked.size).toBeGreaterThan(70)
  })
  it('says what each rule is for and what it guards', () => {
    for (const p of policies) {
      expect(p.doc).not.toBe('')
      if (p.name.startsWith('baremetal:')) expect(p.operations?.length).toBeGreaterThan(0)
    }
  })
})

describe('a plain member of a lessee’s project', () => {
  const { lessee } = personas
  it.each([
    'node:get',
    'node:get_states',
    'node:set_power_state',
    'node:set_provision_state',
    'node:update_instance_info',
    'node:update_extra',
    'node:validate',
    'node:vif:attach',
    'node:vif:detach',
    'node:vif:list',
    'node:get_console',
    'node:set_console_state',
    'node:get_boot_device',
    'node:set_boot_device',
    'node:vmedia:attach',
    'node:set_maintenance',
    'port:get',
    'port:update',
  ])('may %s', rule => {
    expect(may(lessee, rule)).toBe(true)
    // And only what is leased to it.
    expect(may(lessee, rule, { 'node.owner': OWNER, 'node.lessee': null })).toBe(false)
    expect(may(lessee, rule, { 'node.owner': null, 'node.lessee': null })).toBe(false)
    expect(may(personas.stranger, rule)).toBe(false)
  })
  it.each([
    'node:update',
    'node:update:lessee',
    'node:update:owner',
    'node:update:driver_info',
    'node:update:properties',
    'node:update:name',
    'node:delete:self_owned_node',
    'node:get:driver_info',
    'node:get:last_error',
    'node:traits:set',
    'node:history:get',
    'port:create',
    'port:delete',
    'node:list_all',
    'node:create:self_owned_node',
  ])('may not %s', rule => expect(may(lessee, rule)).toBe(false))
  it('may nothing of that as a reader', () => {
    const reader = persona('r', 'reader', 'lessee')
    expect(may(reader, 'node:get')).toBe(true)
    for (const rule of ['node:set_power_state', 'node:set_provision_state', 'node:update_extra', 'port:update', 'node:set_boot_device'])
      expect(may(reader, rule)).toBe(false)
  })
})

describe('administrators', () => {
  it('are those of the system, and of the project admin of the default domain', () => {
    for (const who of [personas.admin, personas.system]) expect(may(who, 'node:create', {})).toBe(true)
    const elsewhere: Caller = { ...personas.admin, project: { id: 'x', name: 'admin', domain: 'other' } }
    expect(may(elsewhere, 'node:create', {})).toBe(false)
    expect(may(elsewhere, 'node:get')).toBe(false)
    expect(may(persona('boss', 'admin', 'stranger'), 'node:get')).toBe(false)
    expect(may(persona('boss', 'admin', 'stranger'), 'node:list_all', {})).toBe(false)
  })
})

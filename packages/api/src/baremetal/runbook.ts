import { once, resource, ro, route, rw } from '../define.ts'
import { bool, list, object, string, time, uuid } from '../types.ts'
import { maskSteps, steps } from './steps.ts'
import { logicalName, traits } from './types.ts'

/** Steps of cleaning or service that may be done by whoever may not choose steps. Source: the Bare Metal API reference. */
export const runbook = resource({
  service: 'baremetal',
  name: 'runbook',
  plural: 'runbooks',
  path: '/v1/runbooks',
  id: 'uuid',
  alias: 'name',
  since: 92,
  // A public one is everybody's to see.
  relations: { owner: 'owner', public: 'public' },
  policy: {
    list: 'baremetal:runbook:list',
    listAll: 'baremetal:runbook:list_all',
    show: 'baremetal:runbook:get',
    create: 'baremetal:runbook:create',
    update: 'baremetal:runbook:update',
    delete: 'baremetal:runbook:delete',
  },
  brief: ['uuid', 'name', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    name: rw(logicalName(), { required: true, sort: true, doc: 'Before 1.112 a trait: one that a node must have for the runbook.' }),
    description: rw(string(255), { nullable: true, default: null, since: 112, sort: true }),
    steps: rw(steps('order', false), { required: true, secret: true, wire: maskSteps }),
    disable_ramdisk: rw(bool(), { default: false }),
    public: rw(bool(), { default: false, write: { policy: 'baremetal:runbook:update:public' } }),
    owner: rw(string(255), { nullable: true, default: null, write: { policy: 'baremetal:runbook:update:owner' } }),
    traits: ro(list(string()), { since: 112, doc: 'A node must have one of them for the runbook.' }),
    extra: rw(object(), { default: {} }),
    created_at: ro(time(), { nullable: true, sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    links: ro(list(), { computed: true }),
  },
  columns: { list: ['uuid', 'name'], long: ['owner', 'public', 'steps', 'extra', 'created_at', 'updated_at'] },
  doc: 'Steps of cleaning or service, agreed beforehand.',
})

const at = (tail: string) => `/v1/runbooks/:runbook/traits${tail}`

export const listRunbookTraits = route({
  name: 'runbook.traits.list',
  method: 'GET',
  path: at(''),
  since: 112,
  below: 'missing',
  policies: ['baremetal:runbook:get'],
  status: 200,
})
const changing = { since: 112, below: 'missing', policies: ['baremetal:runbook:update'], status: 204 } as const
export const setRunbookTraits = route({
  ...changing,
  name: 'runbook.traits.replace',
  method: 'PUT',
  path: at(''),
  body: { traits: { type: traits(), required: true } },
})
export const addRunbookTrait = route({ ...changing, name: 'runbook.traits.add', method: 'PUT', path: at('/:trait') })
export const clearRunbookTraits = route({ ...changing, name: 'runbook.traits.clear', method: 'DELETE', path: at('') })
export const removeRunbookTrait = route({ ...changing, name: 'runbook.traits.remove', method: 'DELETE', path: at('/:trait') })

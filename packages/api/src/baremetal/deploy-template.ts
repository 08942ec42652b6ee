import { once, resource, ro, rw } from '../define.ts'
import { list, object, time, uuid } from '../types.ts'
import { maskSteps, steps } from './steps.ts'
import { trait } from './types.ts'

/** Steps that every deployment does which asks for the trait that is the template's name. Source: the Bare Metal API reference. */
export const deployTemplate = resource({
  service: 'baremetal',
  name: 'deploy_template',
  plural: 'deploy_templates',
  path: '/v1/deploy_templates',
  id: 'uuid',
  alias: 'name',
  since: 55,
  relations: {},
  policy: {
    list: 'baremetal:deploy_template:get',
    show: 'baremetal:deploy_template:get',
    create: 'baremetal:deploy_template:create',
    update: 'baremetal:deploy_template:update',
    delete: 'baremetal:deploy_template:delete',
  },
  brief: ['uuid', 'name', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    name: rw(trait(), { required: true, sort: true, doc: 'A trait.' }),
    steps: rw(steps('priority', true), { required: true, secret: true, wire: maskSteps }),
    extra: rw(object(), { default: {} }),
    created_at: ro(time(), { nullable: true, sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    links: ro(list(), { computed: true }),
  },
  columns: { list: ['uuid', 'name'], long: ['steps', 'extra', 'created_at', 'updated_at'] },
  doc: 'Steps that a deployment does because of a trait.',
})

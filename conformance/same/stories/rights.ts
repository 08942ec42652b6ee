import { FAULT, type Question, type Story } from '../question.ts'

const NOTHING = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123'
const patch = (path: string, value: unknown) => [{ op: 'add', path, value }]
// An administrator of a project is one of the whole site in ours alone, by what ESI's documentation asks of the rules.
const WHO = ['manager', 'owner', 'reader', 'lessor', 'lessee', 'stranger', 'nobody']

const ESI = 'the rules that ESI documents give it'
const NARROW = 'what is said of a node in general is its owner’s to say, and not its lessee’s'
const HIDES = 'theirs tells a node that may not be seen from one that is not there'

/** Who is answered otherwise than by the original, and why. */
const OTHERWISE: readonly (readonly [ask: string, who: string, why: string])[] = [
  ['management/boot_device', 'owner lessor lessee', ESI],
  ['states/console', 'lessor lessee', ESI],
  ['/validate', 'lessee', ESI],
  ['/maintenance', 'lessee', ESI],
  ['states/provision', 'lessee', ESI],
  ['/instance_info/x', 'lessee', ESI],
  ['PATCH /v1/ports/$port', 'owner lessor lessee', ESI],
  ['/description', 'lessor lessee', NARROW],
  ['/resource_class', 'lessor lessee', NARROW],
  ['/protected', 'lessor lessee', NARROW],
  ['/automated_clean', 'lessor lessee', NARROW],
  ['GET /v1/nodes/$node/states ', 'lessor lessee', 'theirs shows here what it hides elsewhere'],
  ['GET /v1/ports?node=$foreign', 'manager owner reader lessor lessee stranger', HIDES],
  ['GET /v1/ports?node=$node', 'stranger', HIDES],
  ['GET /v1/chassis', 'manager owner reader lessor lessee stranger', FAULT],
  ['POST /v1/chassis', 'manager owner reader lessor lessee stranger', 'whether one may comes before what is asked'],
  ['GET /v1/deploy_templates', 'manager owner reader lessor lessee stranger', FAULT],
  ['GET /v1/drivers', 'manager owner reader lessor lessee stranger', FAULT],
  ['GET /v1/conductors', 'manager owner reader lessor lessee stranger', FAULT],
]
const otherwise = (as: string, { ask, body }: Pick<Question, 'ask' | 'body'>): string | undefined => {
  const whole = `${ask} ${JSON.stringify(body ?? '')}`
  return OTHERWISE.find(([part, who]) => whole.includes(part) && who.split(' ').includes(as))?.[2]
}

/** What everybody tries with a node that one project owns and another has for now; nothing of it changes the node for good. */
const ASKED: readonly Omit<Question, 'as' | 'differs'>[] = [
  { ask: 'GET /v1/nodes' },
  { ask: 'GET /v1/nodes/detail' },
  { ask: 'GET /v1/nodes?owner=$owner_project' },
  { ask: 'GET /v1/nodes?driver=nothing' },
  { ask: 'GET /v1/nodes/$node' },
  { ask: 'GET /v1/nodes/leased' },
  { ask: `GET /v1/nodes/${NOTHING}` },
  { ask: 'GET /v1/nodes/$foreign' },
  { ask: 'GET /v1/nodes/$node/states' },
  { ask: 'GET /v1/nodes/$node/validate' },
  { ask: 'GET /v1/nodes/$node/traits' },
  { ask: 'GET /v1/nodes/$node/ports' },
  { ask: 'GET /v1/nodes/$node/portgroups' },
  { ask: 'GET /v1/nodes/$node/volume/targets' },
  { ask: 'GET /v1/nodes/$node/bios' },
  { ask: 'GET /v1/nodes/$node/history' },
  { ask: 'GET /v1/nodes/$node/vifs' },
  { ask: 'GET /v1/nodes/$node/vendor_passthru/methods' },
  { ask: 'GET /v1/nodes/$node/management/boot_device' },
  { ask: 'GET /v1/nodes/$node/states/console' },
  { ask: 'GET /v1/nodes/$foreign/states' },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/extra/x', 1) },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/instance_info/x', 1) },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/properties/x', 1) },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/driver_info/x', 1) },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/description', 'x') },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/name', 'leased') },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/owner', '$owner_project') },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/lessee', '$lessee_project') },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/resource_class', 'r') },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/boot_interface', 'fake') },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/protected', false) },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/retired', false) },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/automated_clean', true) },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/conductor_group', '') },
  { ask: 'PATCH /v1/nodes/$foreign', body: patch('/extra/x', 1) },
  { ask: 'PUT /v1/nodes/$node/maintenance', body: { reason: 'x' } },
  { ask: 'DELETE /v1/nodes/$node/maintenance' },
  { ask: 'PUT /v1/nodes/$node/traits/CUSTOM_X' },
  { ask: 'DELETE /v1/nodes/$node/traits' },
  { ask: 'PUT /v1/nodes/$node/states/power', body: { target: 'nothing' } },
  { ask: 'PUT /v1/nodes/$node/states/provision', body: { target: 'nothing' } },
  { ask: 'PUT /v1/nodes/$node/states/raid', body: { logical_disks: [] } },
  { ask: 'PUT /v1/nodes/$node/states/console', body: { enabled: false } },
  { ask: 'PUT /v1/nodes/$node/states/boot_mode', body: { target: 'nothing' } },
  { ask: 'PUT /v1/nodes/$node/management/boot_device', body: { boot_device: 'nothing' } },
  { ask: 'POST /v1/nodes/$node/vifs', body: {} },
  { ask: 'POST /v1/nodes/$node/vendor_passthru/nothing', body: {} },
  { ask: 'PUT /v1/nodes/$foreign/states/power', body: { target: 'power on' } },
  { ask: 'DELETE /v1/nodes/$foreign' },
  { ask: 'POST /v1/nodes', body: { driver: 'nothing' } },
  { ask: 'GET /v1/ports' },
  { ask: 'GET /v1/ports/$port' },
  { ask: 'GET /v1/ports/$foreign_port' },
  { ask: 'GET /v1/ports?node=$node' },
  { ask: 'GET /v1/ports?node=$foreign' },
  { ask: 'PATCH /v1/ports/$port', body: patch('/extra/x', 1) },
  { ask: 'PATCH /v1/ports/$foreign_port', body: patch('/extra/x', 1) },
  { ask: 'POST /v1/ports', body: { node_uuid: '$node', address: 'x' } },
  { ask: 'DELETE /v1/ports/$foreign_port' },
  { ask: 'GET /v1/portgroups' },
  { ask: 'GET /v1/chassis' },
  { ask: 'POST /v1/chassis', body: { colour: 'red' } },
  { ask: 'GET /v1/volume/targets' },
  { ask: 'GET /v1/allocations' },
  { ask: 'GET /v1/deploy_templates' },
  { ask: 'GET /v1/drivers', but: { hosts: 'each has its own name' } },
  { ask: 'GET /v1/drivers/fake-hardware/properties' },
  { ask: 'GET /v1/conductors' },
  { ask: 'GET /v1/shards', unordered: true },
  { ask: 'GET /v1/lookup?addresses=52:54:00:dd:00:01' },
]

const questions: Question[] = [
  {
    as: 'manager',
    ask: 'POST /v1/nodes',
    body: { driver: 'fake-hardware', name: 'leased' },
    keep: { node: 'uuid', owner_project: 'owner' },
  },
  { as: 'lessor', ask: 'POST /v1/nodes', body: { driver: 'fake-hardware' }, keep: { mine: 'uuid', lessee_project: 'owner' } },
  { as: 'lessor', ask: 'DELETE /v1/nodes/$mine' },
  { ask: 'PATCH /v1/nodes/$node', body: patch('/lessee', '$lessee_project') },
  { ask: 'POST /v1/nodes', body: { driver: 'fake-hardware', name: 'foreign', owner: 'elsewhere' }, keep: { foreign: 'uuid' } },
  { ask: 'POST /v1/ports', body: { node_uuid: '$node', address: '52:54:00:dd:00:01' }, keep: { port: 'uuid' } },
  { ask: 'POST /v1/ports', body: { node_uuid: '$foreign', address: '52:54:00:dd:00:02' }, keep: { foreign_port: 'uuid' } },
  ...WHO.flatMap(as =>
    ASKED.map((asked): Question => {
      const differs = otherwise(as, asked)
      return { as, ...asked, ...(differs === undefined ? {} : { differs }) }
    }),
  ),
]

export const rights: readonly Story[] = [
  {
    name: 'rights',
    service: 'baremetal',
    at: '1.82',
    but: {
      conductor: 'each has its own name',
      reservation: 'nobody holds a node of ours while it is changed',
      driver_internal_info: 'what each notes for itself',
      next: 'each writes the questions in its own order',
      firmware: 'theirs is older',
      vendor: 'their pretended hardware has none',
      reason: 'each says it in its words',
      'console.reason': 'each says it in its words',
    },
    questions,
  },
]

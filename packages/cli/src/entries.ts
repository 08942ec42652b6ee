import type { Command, Entry } from './command.ts'

const entry = (words: string, brief: string, load: () => Promise<Command>): Entry => ({ words, brief, load })

const node = (verb: 'list' | 'show' | 'create' | 'set' | 'unset' | 'delete') => async () =>
  (await import('./commands/node/crud.ts')).commands[verb]
const port = (verb: 'list' | 'show' | 'create' | 'set' | 'unset' | 'delete') => async () =>
  (await import('./commands/port/crud.ts')).commands[verb]
const power = (kind: 'on' | 'off' | 'reboot') => async () => (await import('./commands/node/power.ts')).powerCommand(kind)
const provision = (target: string, brief: string) => async () =>
  (await import('./commands/node/provide.ts')).provisionCommand(target, brief)

const provisionVerbs: readonly (readonly [words: string, target: string, brief: string])[] = [
  ['manage', 'manage', 'take nodes under management: prove that their BMC answers'],
  ['provide', 'provide', 'make nodes available: clean them and prove it'],
  ['undeploy', 'deleted', 'remove what runs on nodes, and clean them'],
  ['abort', 'abort', 'stop what nodes are at, where that can be stopped'],
  ['adopt', 'adopt', 'take nodes over with the system that runs on them'],
]

/** The commands for nodes stand below `node`, as in `openstack esi`, and below `baremetal node`, as in `openstack baremetal`. */
const nodeEntries = (prefix: string): Entry[] => [
  entry(`${prefix} show`, 'show a node', node('show')),
  entry(`${prefix} create`, 'create a node', node('create')),
  entry(`${prefix} set`, 'change a node', node('set')),
  entry(`${prefix} unset`, 'take fields of a node back to nothing', node('unset')),
  entry(`${prefix} delete`, 'delete nodes', node('delete')),
  entry(`${prefix} power on`, 'switch nodes on', power('on')),
  entry(`${prefix} power off`, 'switch nodes off', power('off')),
  entry(`${prefix} reboot`, 'restart nodes', power('reboot')),
  ...provisionVerbs.map(([words, target, brief]) => entry(`${prefix} ${words}`, brief, provision(target, brief))),
  entry(
    `${prefix} maintenance set`,
    'set nodes aside for maintenance',
    async () => (await import('./commands/node/maintenance.ts')).setMaintenance,
  ),
  entry(
    `${prefix} maintenance unset`,
    'take nodes back from maintenance',
    async () => (await import('./commands/node/maintenance.ts')).unsetMaintenance,
  ),
]

const portEntries = (prefix: string): Entry[] => [
  entry(`${prefix} list`, 'list ports', port('list')),
  entry(`${prefix} show`, 'show a port', port('show')),
  entry(`${prefix} create`, 'create a port', port('create')),
  entry(`${prefix} set`, 'change a port', port('set')),
  entry(`${prefix} unset`, 'take fields of a port back to nothing', port('unset')),
  entry(`${prefix} delete`, 'delete ports', port('delete')),
]

/** Every command: its words, one line about it, and the file that is loaded when it is used. */
export const entries: readonly Entry[] = [
  entry('offer create', 'offer something of yours for lease', async () => (await import('./commands/offer/create.ts')).command),
  entry('offer list', 'list offers', async () => (await import('./commands/offer/list.ts')).command),
  entry('offer show', 'show an offer', async () => (await import('./commands/offer/show.ts')).command),
  entry('offer claim', 'lease what is offered, or a part of its time', async () => (await import('./commands/offer/claim.ts')).command),
  entry('offer delete', 'take an offer back', async () => (await import('./commands/offer/delete.ts')).command),
  entry('lease create', 'lease something of yours to a project', async () => (await import('./commands/lease/create.ts')).command),
  entry('lease list', 'list leases', async () => (await import('./commands/lease/list.ts')).command),
  entry('lease show', 'show a lease', async () => (await import('./commands/lease/show.ts')).command),
  entry('lease update', 'change when a lease ends', async () => (await import('./commands/lease/update.ts')).command),
  entry(
    'lease delete',
    'end a lease now, or cancel one that has not begun',
    async () => (await import('./commands/lease/delete.ts')).command,
  ),
  entry(
    'node list',
    'list the nodes you may see, with their offers and leases',
    async () => (await import('./commands/node/list.ts')).command,
  ),
  ...nodeEntries('node'),
  entry('event list', 'list what happened to leases and offers', async () => (await import('./commands/event/list.ts')).command),
  entry(
    'console auth token create',
    "get a token for a node's serial console",
    async () => (await import('./commands/console/auth/token/create.ts')).command,
  ),
  entry(
    'console auth token delete',
    'make all console tokens of a node worthless',
    async () => (await import('./commands/console/auth/token/delete.ts')).command,
  ),
  entry('mdc offer list', 'list the offers of several clouds', async () => (await import('./commands/mdc/offer/list.ts')).command),
  entry(
    'mdc offer claim',
    'lease so many nodes, wherever in several clouds they are free',
    async () => (await import('./commands/mdc/offer/claim.ts')).command,
  ),
  entry('mdc lease list', 'list the leases of several clouds', async () => (await import('./commands/mdc/lease/list.ts')).command),
  entry(
    'doctor',
    'look whether everything works, and say what to do if not',
    async () => (await import('./commands/doctor/doctor.ts')).command,
  ),
  entry(
    'doctor claimant',
    'one of the processes that "doctor --prove-calendar" starts',
    async () => (await import('./commands/doctor/claimant.ts')).command,
  ),
  entry(
    'policy show',
    'show the policy rules in force, and where they come from',
    async () => (await import('./commands/policy/show.ts')).command,
  ),
  entry(
    'policy explain',
    'say whether a policy rule lets you, and why',
    async () => (await import('./commands/policy/explain.ts')).command,
  ),
  ...portEntries('port'),
  entry('baremetal node list', 'list nodes', node('list')),
  ...nodeEntries('baremetal node'),
  ...portEntries('baremetal port'),
]

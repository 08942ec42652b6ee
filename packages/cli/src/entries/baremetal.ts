import type { Entry } from '../command.ts'
import { entry, type PlainVerb, plainEntries } from './entry.ts'
import { partEntries } from './node.ts'

const power = (kind: 'on' | 'off' | 'reboot') => async () => (await import('../commands/node/power.ts')).powerCommand(kind)
const provision = (target: string, brief: string) => async () =>
  (await import('../commands/node/provide.ts')).provisionCommand(target, brief)
const maintenance = () => import('../commands/node/maintenance.ts')
const hardware = () => import('../commands/node/hardware.ts')
const bmcPassword = () => import('../commands/node/bmc/password.ts')
const cruds = () => import('../commands/baremetal/cruds.ts')

const provisionVerbs: readonly (readonly [words: string, target: string, brief: string])[] = [
  ['manage', 'manage', 'take nodes under management: prove that their BMC answers'],
  ['provide', 'provide', 'make nodes available: clean them and prove it'],
  ['inspect', 'inspect', 'read what nodes are made of from their BMC'],
  ['undeploy', 'deleted', 'remove what runs on nodes, and clean them'],
  ['abort', 'abort', 'stop what nodes are at, where that can be stopped'],
  ['adopt', 'adopt', 'take nodes over with the system that runs on them'],
  ['deploy', 'active', 'install a system on nodes, as their instance info says'],
  ['rebuild', 'rebuild', 'install the system of nodes anew'],
  ['rescue', 'rescue', 'start nodes into a rescue system'],
  ['unrescue', 'unrescue', 'start nodes into their own system again'],
  ['clean', 'clean', 'do cleaning steps on nodes by hand'],
  ['service', 'service', 'do steps on nodes that run a system'],
  ['hold', 'hold', 'keep nodes where they are, in the midst of steps'],
  ['unhold', 'unhold', 'let nodes go on that were held'],
]

/** The commands for nodes stand below `node`, as in `openstack esi`, and below `baremetal node`, as in `openstack baremetal`. */
const nodeEntries = (prefix: string, verbs: readonly PlainVerb[]): Entry[] => [
  ...plainEntries(prefix, 'a node', 'nodes', async () => (await cruds()).node, verbs),
  entry(`${prefix} set`, 'change a node', async () => (await import('../commands/node/set.ts')).set),
  entry(`${prefix} unset`, 'take fields of a node back to nothing', async () => (await import('../commands/node/set.ts')).unset),
  entry(`${prefix} power on`, 'switch nodes on', power('on')),
  entry(`${prefix} power off`, 'switch nodes off', power('off')),
  entry(`${prefix} reboot`, 'restart nodes', power('reboot')),
  ...provisionVerbs.map(([words, target, brief]) => entry(`${prefix} ${words}`, brief, provision(target, brief))),
  entry(`${prefix} maintenance set`, 'set nodes aside for maintenance', async () => (await maintenance()).setMaintenance),
  entry(`${prefix} maintenance unset`, 'take nodes back from maintenance', async () => (await maintenance()).unsetMaintenance),
  entry(`${prefix} validate`, 'say what a node lacks to be used', async () => (await hardware()).validate),
  entry(`${prefix} boot device show`, 'show what a node boots from', async () => (await hardware()).showBootDevice),
  entry(`${prefix} boot device set`, 'say what a node is to boot from', async () => (await hardware()).setBootDevice),
  entry(`${prefix} trait list`, "list a node's traits", async () => (await hardware()).listTraits),
  entry(`${prefix} trait add`, 'add traits to a node', async () => (await hardware()).addTraits),
  entry(`${prefix} add trait`, 'add traits to a node', async () => (await hardware()).addTraits),
  entry(`${prefix} remove trait`, 'remove traits from a node', async () => (await hardware()).removeTraits),
  entry(`${prefix} trait remove`, 'remove traits from a node', async () => (await hardware()).removeTraits),
  ...partEntries(prefix),
]

export const baremetalEntries: readonly Entry[] = [
  ...nodeEntries('node', ['show', 'create', 'delete']),
  ...nodeEntries('baremetal node', ['list', 'show', 'create', 'delete']),
  entry(
    'baremetal create',
    'create chassis, nodes, port groups and ports that files describe',
    async () => (await import('../commands/baremetal/create.ts')).createFromFiles,
  ),
  ...['port', 'baremetal port'].flatMap(prefix => plainEntries(prefix, 'a port', 'ports', async () => (await cruds()).port)),
  ...plainEntries('baremetal port group', 'a port group', 'port groups', async () => (await cruds()).portgroup),
  ...plainEntries('baremetal chassis', 'a chassis', 'chassis', async () => (await cruds()).chassis),
  ...plainEntries('baremetal allocation', 'an allocation', 'allocations', async () => (await cruds()).allocation),
  ...plainEntries('baremetal deploy template', 'a deploy template', 'deploy templates', async () => (await cruds()).deployTemplate),
  ...plainEntries('baremetal runbook', 'a runbook', 'runbooks', async () => (await cruds()).runbook),
  entry(
    'baremetal runbook trait list',
    'list the traits of the nodes that a runbook is for',
    async () => (await import('../commands/baremetal/lists.ts')).listRunbookTraits,
  ),
  entry(
    'baremetal runbook trait add',
    'say for nodes with which traits a runbook is',
    async () => (await import('../commands/baremetal/lists.ts')).addRunbookTraits,
  ),
  entry(
    'baremetal runbook trait remove',
    'take traits from a runbook',
    async () => (await import('../commands/baremetal/lists.ts')).removeRunbookTraits,
  ),
  ...plainEntries('baremetal inspection rule', 'an inspection rule', 'inspection rules', async () => (await cruds()).inspectionRule),
  ...plainEntries('baremetal volume connector', 'a volume connector', 'volume connectors', async () => (await cruds()).connector),
  ...plainEntries('baremetal volume target', 'a volume target', 'volume targets', async () => (await cruds()).target),
  entry(
    'node discover',
    'find machines by the addresses of their BMCs, and enroll them',
    async () => (await import('../commands/node/discover.ts')).command,
  ),
  entry('node replace', 'write down that parts of a node were replaced', async () => (await import('../commands/node/replace.ts')).replace),
  entry(
    'node replacement show',
    'show how the last replacement of parts of a node stands',
    async () => (await import('../commands/node/replace.ts')).show,
  ),
  entry('node transfer', 'give a node to another owner', async () => (await import('../commands/node/transfer.ts')).command),
  entry('node retire', 'take a node out of the pool for good', async () => (await import('../commands/node/retire.ts')).command),
  ...plainEntries('node retired', 'the last record of a node', 'the last records of nodes', async () => (await cruds()).retired, [
    'list',
    'show',
  ]),
  entry('node bmc password rotate', "change the password of a node's BMC", async () => (await bmcPassword()).rotate),
  entry('node bmc password show', "show how the last change of a BMC's password went", async () => (await bmcPassword()).show),
  entry(
    'rack add',
    'bring a rack of machines into the pool, from nothing but the addresses of their BMCs',
    async () => (await import('../commands/rack/add.ts')).command,
  ),
  entry(
    'baremetal driver list',
    'list the drivers and where they run',
    async () => (await import('../commands/baremetal/served.ts')).drivers,
  ),
  entry(
    'baremetal conductor group list',
    'list conductor groups, and the nodes that nobody conducts',
    async () => (await import('../commands/baremetal/lists.ts')).conductorGroups,
  ),
  entry('baremetal driver show', 'show a driver', async () => (await import('../commands/baremetal/served.ts')).driver),
  entry(
    'baremetal driver property list',
    'list what a driver wants to be told of a node',
    async () => (await import('../commands/baremetal/lists.ts')).driverProperties,
  ),
  entry(
    'baremetal driver raid property list',
    'list what may be said of the disks that a driver joins',
    async () => (await import('../commands/baremetal/lists.ts')).raidProperties,
  ),
  entry(
    'baremetal driver passthru list',
    'list what only the makers of a driver have',
    async () => (await import('../commands/baremetal/lists.ts')).driverPassthru,
  ),
  entry('baremetal driver passthru call', 'call what only the makers of a driver have', async () =>
    (await import('../commands/baremetal/passthru.ts')).calling('driver', 'call what only the makers of a driver have'),
  ),
  entry('baremetal conductor show', 'show a conductor', async () => (await import('../commands/baremetal/served.ts')).conductor),
  entry(
    'baremetal shard list',
    'list shards, and how many nodes each has',
    async () => (await import('../commands/baremetal/lists.ts')).shards,
  ),
  entry('baremetal conductor list', 'list the conductors', async () => (await import('../commands/baremetal/served.ts')).conductors),
]

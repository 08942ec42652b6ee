import { keystoneAs } from '../../conformance/harness/login.ts'
import { type Original, startOriginal } from '../../conformance/original/original.ts'
import { Client, type Done, type HttpJob } from '../support/load.ts'
import { cpuOfTree, memoryOf } from '../support/proc.ts'
import { alsoEnd } from '../support/site.ts'

export type OtherWho = 'admin' | 'owner'

/** What a round of questions took: milliseconds of CPU a request of the service's own processes, and of its database. */
export interface OtherMeasured extends Done {
  readonly rate: number
  readonly service: number
  readonly database: number
}

/** Debian's Keystone and Ironic with people and nodes like ours. */
export interface Other {
  readonly original: Original
  readonly tokens: Readonly<Record<OtherWho, string>>
  readonly owner: string
  loginOf(who: OtherWho): unknown
  /** Nodes like those of `fleet`; those that are there stay. */
  nodes(count: number): Promise<void>
  idsOf(owner: string | undefined, most: number): string[]
  http(
    service: 'keystone' | 'ironic',
    job: Omit<HttpJob, 'kind' | 'url' | 'headers'> & { readonly as: OtherWho | 'nobody' },
  ): Promise<OtherMeasured>
  memory(): ReturnType<typeof memoryOf>
  end(): Promise<void>
}

const PASSWORD = 'only-for-measurements'
const VERSION = { 'x-openstack-ironic-api-version': '1.82' }

export const startOther = async (tell: (text: string) => void): Promise<Other> => {
  await using opened = new AsyncDisposableStack()
  const original = await startOriginal({ ironic: true, tell })
  opened.defer(() => original.stop())
  const client = new Client()
  opened.defer(() => client.end())
  const admin = await keystoneAs(original.keystone, { name: 'admin', password: original.adminPassword }, 'system')
  const owner: string = (await admin.ask('POST', '/v3/projects', { project: { name: 'owner', domain_id: 'default' } })).project.id
  const { user } = await admin.ask('POST', '/v3/users', { user: { name: 'owner', domain_id: 'default', password: PASSWORD } })
  const role = (await admin.ask('GET', '/v3/roles?name=member')).roles[0].id
  await admin.ask('PUT', `/v3/projects/${owner}/users/${user.id}/roles/${role}`)
  const tokens = { admin: admin.token, owner: (await keystoneAs(original.keystone, { name: 'owner', password: PASSWORD }, 'owner')).token }
  const { keystone, ironic, conductor, database, memcached } = original.processes
  const closing = opened.move()
  const other: Other = {
    original,
    tokens,
    owner,
    loginOf: who => ({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: who, domain: { id: 'default' }, password: who === 'admin' ? original.adminPassword : PASSWORD } },
        },
        scope: who === 'admin' ? { system: { all: true } } : { project: { id: owner } },
      },
    }),
    nodes: count => furnish(other, admin.ask, count),
    idsOf(of, most) {
      const where = of === undefined ? '' : `where owner = '${of}'`
      return original.sql('ironic', `select uuid from nodes ${where} order by uuid limit ${most}`).trim().split('\n')
    },
    async http(service, { as, ...job }) {
      // A change of a node is made by the conductor, so its CPU counts; alone it does next to nothing.
      const own = service === 'keystone' ? [keystone.pid] : [ironic!.pid, conductor!.pid]
      const used = () => own.reduce((sum, pid) => sum + cpuOfTree(pid), 0)
      const before = { service: used(), database: cpuOfTree(database.pid) }
      const headers = { ...VERSION, ...(as === 'nobody' ? {} : { 'x-auth-token': tokens[as] }) }
      const done = await client.run({ kind: 'http', url: service === 'keystone' ? original.keystone : original.ironic, headers, ...job })
      const after = { service: used(), database: cpuOfTree(database.pid) }
      return {
        ...done,
        rate: done.count / done.seconds,
        service: (after.service - before.service) / done.count,
        database: (after.database - before.database) / done.count,
      }
    },
    memory: () => memoryOf(keystone.pid, ironic!.pid, conductor!.pid, database.pid, memcached.pid),
    end: () => closing.disposeAsync(),
  }
  alsoEnd(other)
  return other
}

/** One node is made as an operator makes it; the others are its copies in the database, as ours are. */
const furnish = async (
  { original, owner }: Other,
  ask: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<any>,
  count: number,
) => {
  const { ironic, sql } = original
  const there = Number(sql('ironic', 'select count(*) from nodes'))
  if (there === 0) {
    const made = await ask(
      'POST',
      `${ironic}/v1/nodes`,
      {
        driver: 'fake-hardware',
        name: 'node-1',
        description: 'A machine in the long row at the window',
        driver_info: {
          redfish_address: 'https://10.0.1.7',
          redfish_username: 'admin',
          redfish_password: '******',
          redfish_system_id: '/redfish/v1/Systems/1',
          deploy_kernel: 'http://10.0.0.1/kernel',
          deploy_ramdisk: 'http://10.0.0.1/ramdisk',
        },
        properties: { cpus: '64', memory_mb: '524288', local_gb: '1800', cpu_arch: 'x86_64' },
        extra: { rack: 'r1', unit: '1', asset: 'A-100001' },
        resource_class: 'baremetal',
        owner: 'owner-1',
      },
      VERSION,
    )
    await ask('PUT', `${ironic}/v1/nodes/${made.uuid}/traits`, { traits: ['CUSTOM_RACK', 'HW_CPU_X86_VMX'] }, VERSION)
    sql(
      'ironic',
      `update nodes set provision_state = 'available', power_state = 'power off', driver_internal_info =
         '{"agent_url": "http://10.0.0.9:9999", "agent_version": "9.5", "is_whole_disk_image": true, "last_power_state_change": "2027-01-01T00:00:00.000000"}'`,
    )
  }
  const columns = sql('ironic', "select column_name from information_schema.columns where table_schema = 'ironic' and table_name = 'nodes'")
    .trim()
    .split('\n')
    .filter(column => !['id', 'uuid', 'name', 'owner'].includes(column))
    .map(column => `n.${column}`)
  const first = Math.max(2, there + 1)
  if (first > count) return
  sql(
    'ironic',
    `insert into nodes (uuid, name, owner, ${columns.map(c => c.slice(2)).join(', ')})
       select uuid(), concat('node-', s.seq), if(s.seq % 10 = 0, '${owner}', concat('owner-', s.seq % 10)), ${columns.join(', ')}
       from nodes n join seq_${first}_to_${count} s where n.name = 'node-1';
     insert into node_traits (node_id, trait, version, created_at)
       select n.id, t.trait, t.version, t.created_at from nodes n join node_traits t join nodes f on f.id = t.node_id and f.name = 'node-1'
       where n.id not in (select node_id from node_traits);
     analyze table nodes, node_traits`,
  )
}

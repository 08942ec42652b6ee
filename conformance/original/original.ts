import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { keystoneAs } from '../harness/login.ts'
import { ironicConf, keystoneConf, socketOf, type Told, uwsgi } from './config.ts'
import { askTool, freePorts, type Process, runTool, startTool, untilUp } from './processes.ts'

/** Debian's Keystone, and where wanted its Ironic with fake hardware, as processes of ours on loopback. */
export interface Original {
  readonly keystone: string
  readonly ironic: string
  readonly folder: string
  readonly processes: {
    readonly keystone: Process
    readonly ironic?: Process
    readonly conductor?: Process
    readonly database: Process
    readonly memcached: Process
  }
  readonly adminPassword: string
  /** The password of the service user `ironic` of the project `service`. */
  readonly servicePassword: string
  /** SQL on its MariaDB. */
  sql(database: string, text: string): string
  stop(): Promise<void>
}

export interface How {
  readonly ironic: boolean
  readonly clean?: boolean
  readonly tell?: (text: string) => void
}

const WORKERS = 2

/** Starts the original from nothing, in a folder that is removed at its end. Takes about half a minute. */
export const startOriginal = async ({ ironic, clean = true, tell = () => {} }: How): Promise<Original> => {
  await using opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'esi-original-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  opened.defer(() => {
    process.off('exit', remove)
    remove()
  })
  const [keystonePort, ironicPort, rpc, memcachedPort] = (await freePorts(4)) as [number, number, number, number]
  const secret = () => randomBytes(12).toString('hex')
  const [adminPassword, servicePassword] = [secret(), secret()]
  const told: Told = { folder, keystone: keystonePort, ironic: ironicPort, rpc, memcached: memcachedPort, password: servicePassword, clean }
  const start = (name: string, command: string, args: readonly string[], env?: Record<string, string>): Process => {
    const started = startTool(folder, name, command, args, env)
    opened.defer(() => started.stop())
    return started
  }
  const user = userInfo().username

  tell('MariaDB and memcached')
  const data = join(folder, 'mysql')
  await runTool(folder, '/usr/bin/mariadb-install-db', [
    '--no-defaults',
    `--user=${user}`,
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ])
  const database = start('mariadb', '/usr/sbin/mariadbd', [
    '--no-defaults',
    `--user=${user}`,
    `--datadir=${data}`,
    `--socket=${socketOf(folder)}`,
    `--pid-file=${join(folder, 'mysql.pid')}`,
    '--skip-networking',
    '--character-set-server=utf8mb3',
    '--max-connections=500',
  ])
  const memcached = start('memcached', '/usr/bin/memcached', ['-u', user, '-l', '127.0.0.1', '-p', String(memcachedPort), '-m', '64'])
  const sql = (name: string, text: string): string =>
    askTool('/usr/bin/mariadb', ['--no-defaults', '-u', 'root', '-S', socketOf(folder), '-N', '-B', ...(name ? [name] : []), '-e', text])
  await untilUp(database, async () => sql('', 'select 1') === '1\n')
  sql('', 'create database keystone; create database ironic')

  tell('Keystone')
  const keystoneFile = join(folder, 'keystone.conf')
  writeFileSync(keystoneFile, keystoneConf(told), { mode: 0o600 })
  for (const name of ['fernet', 'credential']) mkdirSync(join(folder, name), { mode: 0o700 })
  const manage = (...words: string[]) =>
    runTool(folder, '/usr/bin/keystone-manage', ['--config-file', keystoneFile, ...words], { OS_BOOTSTRAP_PASSWORD: adminPassword })
  const { username: group } = userInfo()
  await manage('fernet_setup', '--keystone-user', user, '--keystone-group', group)
  await manage('credential_setup', '--keystone-user', user, '--keystone-group', group)
  await manage('db_sync')
  const keystoneUrl = `http://127.0.0.1:${keystonePort}`
  await manage(
    ...['bootstrap', '--bootstrap-region-id', 'RegionOne'],
    ...['public', 'internal', 'admin'].flatMap(kind => [`--bootstrap-${kind}-url`, `${keystoneUrl}/v3`]),
  )
  const keystone = start(
    'keystone',
    '/usr/bin/uwsgi',
    uwsgi(keystonePort, '/usr/bin/keystone-wsgi-public', { processes: WORKERS, threads: 32, more: ['--rem-header', 'Content-Length'] }),
    { OS_KEYSTONE_CONFIG_FILES: keystoneFile },
  )
  await untilUp(keystone, async () => (await fetch(`${keystoneUrl}/v3`)).ok)

  await furnish(keystoneUrl, ironic ? `http://127.0.0.1:${ironicPort}` : undefined, adminPassword, servicePassword)
  let service: Pick<Original['processes'], 'ironic' | 'conductor'> = {}
  const ironicUrl = `http://127.0.0.1:${ironicPort}`
  if (ironic) {
    tell('Ironic')
    const file = join(folder, 'ironic.conf')
    writeFileSync(file, ironicConf(told), { mode: 0o600 })
    for (const name of ['master_images', 'images', 'tftpboot', 'httpboot']) mkdirSync(join(folder, name))
    await runTool(folder, '/usr/bin/ironic-dbsync', ['--config-file', file, 'create_schema'])
    const conductor = start('ironic-conductor', '/usr/bin/ironic-conductor', ['--config-file', file])
    const api = start(
      'ironic-api',
      '/usr/bin/uwsgi',
      uwsgi(ironicPort, '/usr/bin/ironic-api-wsgi', {
        processes: WORKERS,
        threads: 1,
        more: [...['--socket-timeout', '10', '--add-header', 'Connection: close', '--pyargv', `--config-file ${file}`]],
      }),
    )
    await untilUp(api, async () => (await fetch(`${ironicUrl}/v1`)).ok)
    await untilUp(conductor, async () => sql('ironic', 'select count(*) from conductors where online = 1').trim() === '1')
    await untilUp(conductor, async () => Number(sql('ironic', 'select count(*) from conductor_hardware_interfaces').trim()) > 0)
    service = { ironic: api, conductor }
  }
  const closing = opened.move()
  return {
    keystone: keystoneUrl,
    ironic: ironicUrl,
    folder,
    adminPassword,
    servicePassword,
    processes: { keystone, database, memcached, ...service },
    sql,
    stop: () => closing.disposeAsync(),
  }
}

/** The service user, and Ironic in the catalog. */
const furnish = async (keystone: string, ironic: string | undefined, adminPassword: string, servicePassword: string): Promise<void> => {
  const { ask } = await keystoneAs(keystone, { name: 'admin', password: adminPassword }, 'system')
  const project = (await ask('POST', '/v3/projects', { project: { name: 'service', domain_id: 'default' } })).project.id
  const user = (await ask('POST', '/v3/users', { user: { name: 'ironic', domain_id: 'default', password: servicePassword } })).user.id
  const roles: { id: string; name: string }[] = (await ask('GET', '/v3/roles')).roles
  const role = async (name: string): Promise<string> =>
    roles.find(r => r.name === name)?.id ?? (await ask('POST', '/v3/roles', { role: { name } })).role.id
  for (const name of ['admin', 'service']) await ask('PUT', `/v3/projects/${project}/users/${user}/roles/${await role(name)}`)
  await ask('PUT', `/v3/system/users/${user}/roles/${await role('admin')}`)
  if (ironic === undefined) return
  const service = (await ask('POST', '/v3/services', { service: { type: 'baremetal', name: 'ironic' } })).service.id
  for (const kind of ['public', 'internal'])
    await ask('POST', '/v3/endpoints', { endpoint: { service_id: service, interface: kind, region_id: 'RegionOne', url: ironic } })
}

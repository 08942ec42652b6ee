import { join } from 'node:path'

/** What the original is told: the lines that a site has to write, on top of Debian's defaults. */
export interface Told {
  readonly folder: string
  readonly keystone: number
  readonly ironic: number
  readonly rpc: number
  readonly memcached: number
  readonly password: string
  /** Whether automated cleaning is on. */
  readonly clean: boolean
}

const ini = (sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>): string =>
  Object.entries(sections)
    .map(
      ([section, values]) =>
        `[${section}]\n${Object.entries(values)
          .map(([name, value]) => `${name} = ${value}`)
          .join('\n')}\n`,
    )
    .join('\n')

export const socketOf = (folder: string): string => join(folder, 'mysql.sock')
const database = (told: Told, name: string): string =>
  `mysql+pymysql://root@localhost/${name}?unix_socket=${socketOf(told.folder)}&charset=utf8`

export const keystoneConf = (told: Told): string =>
  ini({
    DEFAULT: { log_dir: told.folder, log_file: 'keystone-own.log', public_endpoint: `http://127.0.0.1:${told.keystone}` },
    database: { connection: database(told, 'keystone') },
    auth: { methods: 'external,password,token,oauth1,mapped,application_credential,totp' },
    token: { provider: 'fernet' },
    fernet_tokens: { key_repository: join(told.folder, 'fernet') },
    credential: { key_repository: join(told.folder, 'credential') },
    cache: { enabled: true, backend: 'oslo_cache.memcache_pool', memcache_servers: `127.0.0.1:${told.memcached}` },
  })

/** Fake hardware, no network service, today's default rules, conductor and API by JSON-RPC. */
export const ironicConf = (told: Told): string =>
  ini({
    DEFAULT: {
      log_dir: told.folder,
      log_file: 'ironic-own.log',
      auth_strategy: 'keystone',
      rpc_transport: 'json-rpc',
      host: '127.0.0.1',
      state_path: told.folder,
      enabled_hardware_types: 'fake-hardware',
      enabled_boot_interfaces: 'fake',
      enabled_console_interfaces: 'fake,no-console',
      enabled_deploy_interfaces: 'fake',
      default_deploy_interface: 'fake',
      enabled_inspect_interfaces: 'fake,no-inspect',
      enabled_management_interfaces: 'fake,noop',
      enabled_network_interfaces: 'noop',
      enabled_power_interfaces: 'fake',
      enabled_raid_interfaces: 'fake,no-raid',
      enabled_bios_interfaces: 'fake,no-bios',
      enabled_rescue_interfaces: 'fake,no-rescue',
      enabled_storage_interfaces: 'noop,fake',
      enabled_vendor_interfaces: 'fake,no-vendor',
    },
    json_rpc: { auth_strategy: 'noauth', host_ip: '127.0.0.1', port: told.rpc },
    database: { connection: database(told, 'ironic') },
    conductor: { automated_clean: told.clean, sync_power_state_interval: 0, heartbeat_interval: 5 },
    dhcp: { dhcp_provider: 'none' },
    oslo_policy: { enforce_new_defaults: true, enforce_scope: true },
    service_catalog: auth(told),
    keystone_authtoken: {
      ...auth(told),
      www_authenticate_uri: `http://127.0.0.1:${told.keystone}`,
      memcached_servers: `127.0.0.1:${told.memcached}`,
      service_token_roles_required: true,
    },
  })

const auth = (told: Told) => ({
  auth_type: 'password',
  auth_url: `http://127.0.0.1:${told.keystone}`,
  username: 'ironic',
  password: told.password,
  project_name: 'service',
  user_domain_name: 'Default',
  project_domain_name: 'Default',
})

/** uWSGI as Debian's keystone-uwsgi.ini and ironic-api-uwsgi.ini have it, with so many workers, and nothing of systemd. */
export const uwsgi = (
  port: number,
  file: string,
  how: { readonly processes: number; readonly threads: number; readonly more: readonly string[] },
) => [
  '--http-socket',
  `127.0.0.1:${port}`,
  '--plugins',
  'python3',
  '--wsgi-file',
  file,
  '--processes',
  String(how.processes),
  '--threads',
  String(how.threads),
  '--buffer-size',
  '65535',
  '--listen',
  '100',
  '--master',
  '--thunder-lock',
  '--lazy-apps',
  '--no-orphans',
  '--die-on-term',
  '--enable-threads',
  ...how.more,
]

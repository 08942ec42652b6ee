import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { debian } from '../../tools/debian.ts'
import { type BareSite, startBareSite } from '../harness/bare.ts'
import { keystoneAs } from '../harness/login.ts'
import type { Outcome } from '../harness/outcome.ts'
import { runPython } from '../harness/python.ts'
import { applySkips, type Skips } from '../harness/skips.ts'

/** The tests that a client of the original brings along for a cloud that runs; `modules` of them are of what is here. */
export interface ClientSuite {
  readonly name: string
  readonly packages: readonly string[]
  readonly modules: readonly string[]
  /** A Python file beside this one that is run before them. */
  readonly before?: string
}

const DRIVER = fileURLToPath(new URL('../harness/unittest_driver.py', import.meta.url))
const SDK = 'openstack.tests.functional'

export const clientSuites: readonly ClientSuite[] = [
  {
    name: 'functional-keystoneclient',
    packages: ['python3-keystoneclient', 'python3-os-client-config', 'python3-testtools'],
    modules: ['keystoneclient.tests.functional'],
    before: 'os_client_config.py',
  },
  {
    name: 'functional-ironicclient',
    packages: ['python3-ironicclient', 'python3-openstackclient', 'python3-tempest'],
    modules: ['ironicclient.tests.functional'],
  },
  {
    name: 'functional-openstackclient',
    packages: ['python3-openstackclient', 'python3-tempest', 'python3-testtools'],
    modules: ['openstackclient.tests.functional.identity.v3'],
  },
  {
    name: 'functional-openstacksdk',
    packages: ['python3-openstacksdk', 'python3-testtools', 'python3-fixtures'],
    modules: [
      `${SDK}.baremetal`,
      `${SDK}.identity`,
      ...['domain', 'endpoints', 'groups', 'identity', 'project', 'services', 'users'].map(name => `${SDK}.cloud.test_${name}`),
    ],
  },
]

/** Runs it on a fresh site that has the clouds which such tests expect: an administrator and two tenants. */
export const functional =
  (suite: ClientSuite) =>
  async ({ skips, only = '' }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
    const { ready, why } = debian(...suite.packages)
    if (!ready) return [{ id: 'all', result: 'skipped', why }]
    await using opened = new AsyncDisposableStack()
    const site = await startBareSite({ baremetal: { drivers: ['fake-hardware'] } })
    opened.defer(() => site.stop())
    const folder = join(site.folder, 'functional')
    // Where ironicclient's tests look for the command.
    mkdirSync(join(folder, '.tox/functional'), { recursive: true })
    symlinkSync('/usr/bin', join(folder, '.tox/functional/bin'))
    const env = {
      OS_CLIENT_CONFIG_FILE: join(folder, 'clouds.yaml'),
      IRONICCLIENT_TEST_CONFIG: join(folder, 'ironicclient.conf'),
      OPENSTACKSDK_FUNC_TEST_TIMEOUT: '60',
      OS_TEST_TIMEOUT: '120',
      HOME: folder,
    }
    writeFileSync(env.OS_CLIENT_CONFIG_FILE, stringify({ clouds: await people(site) }), { mode: 0o600 })
    writeFileSync(env.IRONICCLIENT_TEST_CONFIG, ironicclientConf(site), { mode: 0o600 })
    const before = suite.before === undefined ? [] : ['--before', fileURLToPath(new URL(suite.before, import.meta.url))]
    const argv = ['--only', only, ...before, ...suite.modules]
    return applySkips(skips, suite.name, await runPython(DRIVER, argv, { cwd: folder, env }))
  }

const people = async (site: BareSite): Promise<Record<string, unknown>> => {
  const { ask } = await keystoneAs(`${site.url}/identity`, { name: 'admin', password: site.adminPassword }, 'system')
  const cloud = (username: string, password: string, project: string) => ({
    auth: {
      auth_url: `${site.url}/identity/v3`,
      username,
      password,
      project_name: project,
      user_domain_id: 'default',
      project_domain_id: 'default',
    },
    region_name: 'RegionOne',
    identity_api_version: '3',
  })
  const admin = cloud('admin', site.adminPassword, 'admin')
  const clouds: Record<string, unknown> = { functional_admin: admin, 'devstack-admin': admin, 'devstack-system-admin': systemOf(admin) }
  const roles: { id: string; name: string }[] = (await ask('GET', '/v3/roles')).roles
  for (const [name, who] of [
    ['devstack', 'demo'],
    ['devstack-alt', 'alt_demo'],
  ] as const) {
    const project = (await ask('POST', '/v3/projects', { project: { name: who, domain_id: 'default' } })).project.id
    const user = (await ask('POST', '/v3/users', { user: { name: who, domain_id: 'default', password: site.adminPassword } })).user.id
    await ask('PUT', `/v3/projects/${project}/users/${user}/roles/${roles.find(r => r.name === 'member')!.id}`)
    clouds[name] = cloud(who, site.adminPassword, who)
  }
  return clouds
}

const systemOf = (cloud: { readonly auth: Readonly<Record<string, string>> }) => {
  const { project_name, project_domain_id, ...auth } = cloud.auth
  return { ...cloud, auth: { ...auth, system_scope: 'all' } }
}

const ironicclientConf = (site: BareSite): string =>
  [
    '[functional]',
    'auth_strategy = keystone',
    `os_auth_url = ${site.url}/identity/v3`,
    'os_username = admin',
    `os_password = ${site.adminPassword}`,
    'os_project_name = admin',
    'os_user_domain_id = default',
    'os_project_domain_id = default',
    'os_identity_api_version = 3',
    '',
  ].join('\n')

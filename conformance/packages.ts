/** Debian's packages that the suites need. `node conformance/packages.ts` installs what is missing of the short form, in one go. */
import { fileURLToPath } from 'node:url'
import { debian } from '../tools/debian.ts'

export const OPENSTACK = ['python3-openstackclient', 'python3-ironicclient']
export const SDK = ['python3-openstacksdk', 'python3-keystoneauth1', 'python3-keystoneclient', 'python3-oauthlib']
export const TEMPEST = ['tempest']
export const TEMPEST_BAREMETAL = [...TEMPEST, 'ironic-tempest-plugin']
export const ORIGINAL_KEYSTONE = [
  'keystone',
  'uwsgi-core',
  'uwsgi-plugin-python3',
  'mariadb-server',
  'memcached',
  'python3-pymysql',
  'python3-memcache',
]
export const ORIGINAL_IRONIC = [...ORIGINAL_KEYSTONE, 'ironic-api', 'ironic-conductor']

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ready, why } = debian(...OPENSTACK, ...SDK, ...TEMPEST)
  if (!ready) console.warn(why)
  process.exitCode = ready ? 0 : 1
}

import { NEWEST } from '@esi/api/baremetal/dialect'
import { root, v1 } from '@esi/api/baremetal/routes'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { links } from '../links.ts'

/** Collections of the version document, and since when. Only what this service has. */
const COLLECTIONS: readonly (readonly [string, number])[] = [
  ['chassis', 1],
  ['nodes', 1],
  ['ports', 1],
  ['drivers', 1],
  ['lookup', 22],
  ['heartbeat', 22],
  ['portgroups', 23],
  ['volume', 32],
  ['conductors', 49],
  ['allocations', 52],
  ['events', 54],
  ['deploy_templates', 55],
  ['shards', 82],
  ['continue_inspection', 84],
  ['runbooks', 92],
  ['inspection_rules', 96],
]

const version = (context: Context) => ({
  id: 'v1',
  links: [{ href: `${context.wire.base}/v1/`, rel: 'self' }],
  status: 'CURRENT',
  min_version: '1.1',
  version: `1.${NEWEST}`,
})

/** What clients ask first: which versions there are, and where things are. No token is needed. */
export const documentRoutes = (): Route[] => [
  handle(root, async context => ({
    status: 200,
    body: {
      name: 'OpenStack Ironic API',
      description: 'Bare metal machines: enrolled, shared, provisioned. Speaks the Bare Metal API, version 1.',
      default_version: version(context),
      versions: [version(context)],
    },
  })),
  handle(v1, async context => ({
    status: 200,
    body: {
      id: 'v1',
      links: [
        { href: `${context.wire.base}/v1/`, rel: 'self' },
        { href: 'https://docs.openstack.org/ironic/latest/contributor/webapi.html', rel: 'describedby', type: 'text/html' },
      ],
      media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
      ...Object.fromEntries(
        COLLECTIONS.filter(([, since]) => since <= context.version).map(([name]) => [name, links(context, `${name}/`)]),
      ),
      version: version(context),
    },
  })),
]

import { version1, versions } from '@esi/api/leasing/documents'
import { handle, type Route } from '../../../kit/http/route.ts'

/** What the service is. Links are what the client called it by. */
export const versionRoutes: readonly Route[] = [
  handle(versions, async context => {
    const version = {
      id: 'v1',
      links: [{ href: `${context.wire.base}/v1`, rel: 'self' }],
      status: 'CURRENT',
      min_version: '1.0',
      version: '1.0',
    }
    return {
      body: {
        name: 'ESI Leap API',
        description: 'Offers and leases of bare-metal machines and other things, in the form of ESI-Leap.',
        default_version: version,
        versions: [version],
      },
    }
  }),
  handle(version1, async context => ({
    body: { versions: [{ id: 'v1.0', status: 'CURRENT', links: [{ href: `${context.wire.base}/v1`, rel: 'self' }] }] },
  })),
]

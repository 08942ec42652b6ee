import { tokenRoutes } from '@esi/api/identity/token'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import { jsonHome, prefersHome } from '../domain/json-home.ts'

const MEDIA = [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }]

/** What clients look for first. The links follow the host that was called, or some clients lose the prefix. */
export const versions = (served: readonly Route[]): Route[] => {
  const home = (context: Pick<Context, 'wire'>, prefix?: string): Reply | undefined =>
    prefersHome(context.wire.headers['accept'])
      ? {
          status: 200,
          headers: { Vary: 'Accept', 'Content-Type': 'application/json-home' },
          body: jsonHome(
            served.map(({ spec }) => spec.path),
            prefix,
          ),
        }
      : undefined

  const v3 = (context: Pick<Context, 'wire'>) => ({
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${context.wire.base}/v3/` }],
    'media-types': MEDIA,
  })
  return [
    handle(
      tokenRoutes.versions,
      async context =>
        home(context, '/v3') ?? {
          headers: { Vary: 'X-Auth-Token', Location: `${context.wire.base}/v3/` },
          body: { versions: { values: [v3(context)] } },
        },
    ),
    handle(tokenRoutes.version, async context => home(context) ?? { body: { version: v3(context) } }),
  ]
}

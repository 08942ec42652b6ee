import type { Context, Reply } from '../../../kit/http/route.ts'
import type { House } from '../resources/house.ts'
import { renderToken, type Token } from '../tokens/token.ts'

/** A token with its catalog, as a client is given it. */
export const tokenReply = async (house: House, context: Context, token: Token): Promise<Reply> => {
  const bare = context.wire.query.has('nocatalog') || token.claims.scope.is === 'unscoped'
  const clouds = await house.clouds()
  return {
    headers: { 'X-Subject-Token': token.id, Vary: 'X-Auth-Token' },
    body: {
      token: {
        ...renderToken(token),
        ...(bare ? {} : { catalog: await house.catalog(context, token) }),
        ...(clouds.length > 0 ? { service_providers: clouds } : {}),
      },
    },
  }
}

import type { Context, Reply } from '../../../kit/http/route.ts'
import type { House } from '../resources/house.ts'
import { renderToken, type Token } from '../tokens/token.ts'

/** A token with its catalog, as a client is given it. */
export const tokenReply = async (house: House, context: Context, token: Token): Promise<Reply> => ({
  headers: { 'X-Subject-Token': token.id, Vary: 'X-Auth-Token' },
  body: {
    token: {
      ...renderToken(token),
      ...(context.wire.query.has('nocatalog') || token.claims.scope.is === 'unscoped'
        ? {}
        : { catalog: await house.catalog(context, token) }),
    },
  },
})

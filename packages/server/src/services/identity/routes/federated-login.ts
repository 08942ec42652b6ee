import { Refused } from '@esi/api/dialect'
import { federationRoutes as specs } from '@esi/api/identity/federation'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import { invalid, unauthenticated } from '../errors.ts'
import { comeBack, forgetCookie, handOver, PATIENCE, sendOff } from '../federation/browser.ts'
import type { Way } from '../federation/login.ts'
import type { House } from '../resources/house.ts'
import { tokenReply } from './token-reply.ts'

/** Logins of users whom an identity provider knows: programs bring its token, browsers are sent there. */
export const federatedLogin = (house: House): Route[] => {
  const { federation, secrets, clock, config } = house

  const byBearer = async (context: Context, params: Readonly<Record<string, string>>): Promise<Reply> => {
    const [, token] = /^Bearer +(\S+)$/i.exec(context.wire.headers['authorization'] ?? '') ?? []
    if (token === undefined) throw unauthenticated()
    const way = { provider: params['identity_provider']!, protocol: params['protocol']! }
    return tokenReply(house, context, await federation.byBearer(way, token, context))
  }

  /** A page that may get tokens: the operator names them one by one. */
  const dashboard = (context: Context): string => {
    const origin = context.wire.query.get('origin')
    if (!origin) throw invalid('Request must have an origin query parameter')
    if (!config.trustedDashboards.includes(origin))
      throw new Refused('unauthenticated', `${origin.slice(0, 255)} is not a trusted dashboard host`)
    return origin
  }

  const callbackOf = (context: Context): URL => new URL(`${context.wire.base}${specs.callback.path}`)

  const begin = async (context: Context, way: Way, origin: string): Promise<Reply> => {
    const callback = callbackOf(context)
    const { url, errand } = await federation.begin(way, callback.href)
    const journey = { ...way, ...errand, origin, until: clock.millis() + PATIENCE }
    return { headers: { Location: url, 'Set-Cookie': sendOff(secrets, journey, callback) } }
  }

  return [
    handle(specs.login, (context, input) => byBearer(context, input.params)),
    handle(specs.loginByPost, (context, input) => byBearer(context, input.params)),

    handle(specs.web, async (context, input) => {
      const origin = dashboard(context)
      const protocol = input.params['protocol']!
      return begin(context, { provider: await federation.onlyProvider(protocol), protocol }, origin)
    }),

    handle(specs.webOf, async (context, input) => {
      const origin = dashboard(context)
      return begin(context, { provider: input.params['identity_provider']!, protocol: input.params['protocol']! }, origin)
    }),

    handle(specs.callback, async context => {
      const { headers, query } = context.wire
      const journey = comeBack(secrets, headers['cookie'], query.get('state'), clock.millis())
      if (!journey) throw new Refused('unauthenticated', 'This login was not begun here, or too long ago: begin it again.')
      const callback = callbackOf(context)
      const returned = new URL(callback)
      returned.search = query.toString()
      const way = { provider: journey.provider, protocol: journey.protocol }
      const token = await federation.finish(way, returned, journey, context)
      const { html, policy } = handOver(journey.origin, token.id)
      return {
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': policy,
          'Referrer-Policy': 'no-referrer',
          'Set-Cookie': forgetCookie(callback),
        },
        body: html,
      }
    }),
  ]
}

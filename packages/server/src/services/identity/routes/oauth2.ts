import { Refused } from '@esi/api/dialect'
import { oauthRoutes } from '@esi/api/identity/oauth'
import { toMillis } from '@esi/api/time'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import type { House } from '../resources/house.ts'
import { readForm } from './form.ts'

/** An application credential as a client of OAuth 2.0: its id and secret for a token (RFC 6749, 4.4). Source: Keystone's OS-OAUTH2. */
export const oauth2 = (house: House): Route[] => [
  handle(oauthRoutes.token, async (context, input) => {
    const { authorization, 'content-type': type } = context.wire.headers
    const form = readForm(input.raw, type)
    const grant = form.get('grant_type')
    if (grant === null) return failed(context, 400, 'invalid_request', 'The parameter grant_type is required.')
    if (grant !== 'client_credentials')
      return failed(context, 400, 'unsupported_grant_type', `The parameter grant_type ${grant.slice(0, 100)} is not supported.`)
    const client = basic(authorization) ?? { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
    const stranger = () => failed(context, 401, 'invalid_client', 'Client authentication failed.')
    if (client.id === '' || client.secret === '') return stranger()
    try {
      const applicationCredential = { credential: { id: client.id }, secret: client.secret }
      const token = await house.login(
        { methods: ['application_credential'], applicationCredential, scope: undefined },
        { address: context.address },
      )
      // A user who needs more than one factor has no program that needs only one.
      if (!('claims' in token)) return stranger()
      const seconds = Math.round((toMillis(token.expires) - toMillis(token.issued)) / 1000)
      return { body: { access_token: token.id, token_type: 'Bearer', expires_in: seconds } }
    } catch (e) {
      if (e instanceof Refused && e.kind === 'unauthenticated') return stranger()
      throw e
    }
  }),
]

/** Errors have a form of their own there (RFC 6749, 5.2). */
const failed = ({ wire }: Context, status: number, error: string, description: string): Reply => ({
  status,
  ...(status === 401 ? { headers: { 'WWW-Authenticate': `Keystone uri="${wire.base}/v3"` } } : {}),
  body: { error, error_description: description },
})

const basic = (header: string | undefined): { id: string; secret: string } | undefined => {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return id === undefined ? { id: '', secret: '' } : { id, secret: secret! }
}

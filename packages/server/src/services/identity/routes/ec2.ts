import { Refused } from '@esi/api/dialect'
import { ec2Routes as specs } from '@esi/api/identity/credential'
import { instant, plus } from '@esi/api/time'
import { isObject } from '@esi/api/types'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import { invalid, missing, unauthenticated } from '../errors.ts'
import { ec2Id, onlyOwn } from '../resources/credentials.ts'
import type { House } from '../resources/house.ts'
import { ownToken } from '../resources/own-token.ts'
import { findUser } from '../store/accounts.ts'
import * as store from '../store/credentials.ts'
import { findAccount, findProject } from '../store/subjects.ts'
import { readTrust } from '../store/trusts.ts'
import { emit } from '../telling.ts'
import { isSignedBy, readSigned, signedAt } from '../tokens/ec2.ts'
import { isTextSignedBy, readSignedText } from '../tokens/s3.ts'
import type { Token } from '../tokens/token.ts'
import { listLinks } from './links.ts'
import { tokenReply } from './token-reply.ts'

interface Keys {
  readonly access: string
  readonly secret: string
  readonly trust_id?: string
  readonly app_cred_id?: string
  readonly access_token_id?: string
}

/** What somebody signed, whatever that was. */
interface Signed {
  readonly access: string
  isBy(secret: string): boolean
  /** As it says. */
  readonly at: string | undefined
}

const given = (raw: unknown): unknown => {
  if (!isObject(raw) || Object.keys(raw).length === 0) throw invalid('request must include a request body')
  return raw['credentials'] ?? raw['credential'] ?? raw['ec2Credentials']
}

/** Milliseconds for which a signature is good. */
const SIGNED = 15 * 60_000

/** EC2 keys of users, and tokens for requests that were signed with them. */
export const ec2 = (house: House): Route[] => {
  const { database, secrets, clock } = house
  const { db } = database

  const keysOf = (row: store.Ec2Row): Keys => JSON.parse(secrets.open(row.sealed)) as Keys

  const shown = (row: store.Ec2Row, context: Context) => {
    const { access, secret, trust_id = null } = keysOf(row)
    return {
      user_id: row.user_id,
      tenant_id: row.project_id,
      access,
      secret,
      trust_id,
      links: { self: `${context.wire.base}/v3/users/${row.user_id}/credentials/OS-EC2/${encodeURIComponent(access)}` },
    }
  }

  /** Keys of another than the path names are answered as what is not there. */
  const find = async (context: Context, params: Readonly<Record<string, string>>, rule: string): Promise<store.Ec2Row> => {
    const found = await store.findEc2(db, ec2Id(params['access']!))
    context.require(rule, { target: { credential: { user_id: params['user'] } } })
    const row = found?.user_id === params['user'] ? found : undefined
    onlyOwn(await ownToken(house, context))
    if (!(await findUser(db, params['user']!))) throw missing('user', params['user']!)
    if (!row) throw missing('credential', params['access']!)
    return row
  }

  return [
    handle(specs.list, async (context, input) => {
      const user = input.params['user']!
      context.require('identity:ec2_list_credentials', { user_id: user })
      onlyOwn(await ownToken(house, context))
      if (!(await findUser(db, user))) throw missing('user', user)
      const rows = await store.listEc2(db, user)
      return { body: { credentials: rows.map(row => shown(row, context)), links: listLinks(context) } }
    }),

    handle(specs.create, async (context, input) => {
      const user = input.params['user']!
      context.require('identity:ec2_create_credential', { target: { credential: { user_id: user } } })
      onlyOwn(await ownToken(house, context))
      if (!(await findUser(db, user))) throw missing('user', user)
      const project = isObject(input.raw) ? input.raw['tenant_id'] : undefined
      if (typeof project !== 'string') throw invalid("'tenant_id' is a required property")
      const place = await findProject(db, { id: project })
      if (!place) throw missing('project', project)
      const keys: Keys = { access: hex(), secret: hex() }
      const row = { id: ec2Id(keys.access), user_id: user, project_id: project, sealed: secrets.seal(JSON.stringify(keys)) }
      await database.transaction(context, async tx => {
        await store.insertEc2(tx.db, row, tx.at)
        emit(tx, 'credential.created', { type: 'credential', id: row.id }, [project], { user, kind: 'ec2' })
      })
      return { body: { credential: shown(row, context) } }
    }),

    handle(specs.show, async (context, input) => ({
      body: { credential: shown(await find(context, input.params, 'identity:ec2_get_credential'), context) },
    })),

    handle(specs.delete, async (context, input) => {
      const row = await find(context, input.params, 'identity:ec2_delete_credential')
      await database.transaction(context, async tx => {
        if (!(await store.deleteCredential(tx.db, row.id))) throw missing('credential', input.params['access']!)
        emit(tx, 'credential.deleted', { type: 'credential', id: row.id }, [row.project_id], { user: row.user_id, kind: 'ec2' })
      })
      return {}
    }),

    handle(specs.token, async (context, input) => {
      context.require('identity:ec2tokens_validate')
      const request = readSigned(given(input.raw))
      if (!request) throw new Refused('unauthenticated', 'EC2 signature not supplied.')
      const signed = { access: request.access, isBy: (secret: string) => isSignedBy(request, secret), at: signedAt(request) }
      return tokenReply(house, context, await exchange(signed))
    }),

    handle(specs.s3, async (context, input) => {
      context.require('identity:s3tokens_validate')
      const request = readSignedText(given(input.raw))
      if (!request) throw new Refused('unauthenticated', 'EC2 signature not supplied.')
      // How long such a signature is good says whoever took it: links to objects live for days.
      return tokenReply(
        house,
        context,
        await exchange({ access: request.access, isBy: secret => isTextSignedBy(request, secret), at: undefined }),
      )
    }),
  ]

  async function exchange(signed: Signed): Promise<Token> {
    const row = await store.findEc2(db, ec2Id(signed.access))
    if (!row) throw new Refused('missing', 'EC2 access key not found.')
    const keys = keysOf(row)
    if (!signed.isBy(keys.secret)) throw new Refused('unauthenticated', 'Invalid EC2 signature.')
    const said = signed.at
    const at = said === undefined ? undefined : instant(said.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
    if (said !== undefined && at === undefined) throw new Refused('unauthenticated', 'Credential timestamp is invalid.')
    if (at !== undefined && plus(at, SIGNED) < clock.now()) throw new Refused('unauthenticated', 'Credential is expired')
    if (row.project_id === null) throw unauthenticated()
    const scope = { is: 'project' as const, project: row.project_id }
    const trust = keys.trust_id === undefined ? undefined : await readTrust(db, keys.trust_id, clock.now())
    if (keys.trust_id !== undefined && !trust) throw unauthenticated()
    // Keys that were made under a trust with impersonation carry the lender's name; the token is still the trustee's.
    const user = trust?.impersonation ? trust.trustee_user_id : row.user_id
    const account = await findAccount(db, { id: user })
    if (!account?.enabled) throw unauthenticated()
    const token = await house.tokens.issue({
      user,
      methods: ['ec2credential'],
      scope,
      ...(trust ? { trust: trust.id } : {}),
      ...(keys.app_cred_id === undefined ? {} : { credential: keys.app_cred_id }),
      ...(keys.access_token_id === undefined ? {} : { accessToken: keys.access_token_id }),
    })
    if (!token) throw new Refused('unauthenticated', 'User not valid for project.')
    return token
  }
}

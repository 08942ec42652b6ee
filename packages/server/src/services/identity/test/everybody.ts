import { ASKERS, type Things } from '../../../kit/testing/matrix.ts'
import type { Site } from './site.ts'

/** The matrix's askers as users with real roles and real tokens, and what each of them has of their own. */
export interface Everybody {
  /** By label; undefined where no token is sent. */
  token(label: string): string | undefined
  /** Another token of theirs, which may be revoked. */
  spare(label: string): string | undefined
  /** Their own things, by path parameter; what a token for no project cannot make is somebody else's id that is nobody's. */
  own(label: string): Things
  readonly roles: Readonly<Record<string, string>>
  readonly projects: Readonly<Record<string, string>>
}

const NOTHING = 'f'.repeat(32)
const SECRET = 'a secret'

export const everybody = async (site: Site): Promise<Everybody> => {
  const { door } = site
  const roles: Record<string, string> = Object.fromEntries((await site.ask('GET', '/v3/roles')).body.roles.map((r: any) => [r.name, r.id]))
  const projects: Record<string, string> = { admin: site.ids.project }
  for (const name of ['owner', 'lessee', 'stranger']) projects[name] = await door.ensureProject(name)
  const tokens = new Map<string, readonly [string, string]>()
  const things = new Map<string, Things>()
  for (const { label, token, of, roles: given } of ASKERS) {
    if (token !== 'good') continue
    const user = await door.ensureUser(`asker ${label}`, SECRET)
    const place = of === 'system' ? 'system' : of === 'domain' ? 'domains/default' : `projects/${projects[of]}`
    for (const role of given) {
      const granted = await site.ask('PUT', `/v3/${place}/users/${user}/roles/${roles[role]}`)
      if (granted.status !== 204) throw new Error(`no ${role} for ${label}: ${granted.status} ${JSON.stringify(granted.body)}`)
    }
    const scope =
      of === 'system' ? { system: { all: true } } : of === 'domain' ? { domain: { id: 'default' } } : { project: { id: projects[of] } }
    const first = await site.token(`asker ${label}`, SECRET, scope)
    tokens.set(label, [first, await site.token(`asker ${label}`, SECRET, scope)])
    things.set(label, { ...(await ownThings(site, first, user, projects[of])), user })
  }
  return {
    token: label => (label === 'none' ? undefined : (tokens.get(label)?.[0] ?? label)),
    spare: label => tokens.get(label)?.[1],
    own: label => things.get(label) ?? { user: NOTHING, ...none },
    roles,
    projects,
  }
}

const none = { application_credential: NOTHING, access_rule: NOTHING, trust: NOTHING, credential: NOTHING, access: NOTHING }

/** What somebody makes for themselves. */
export const ownThings = async (site: Site, token: string, user: string, project: string | undefined): Promise<Things> => {
  if (project === undefined) return none
  const make = async (path: string, body: object): Promise<any> => {
    const answer = await site.request(token, 'POST', path, body)
    return answer.status < 300 ? Object.values(answer.body as object)[0] : undefined
  }
  const program = await make(`/v3/users/${user}/application_credentials`, {
    application_credential: { name: 'program', access_rules: [{ service: 'baremetal', method: 'GET', path: '/v1/nodes' }] },
  })
  const trust = await make('/v3/OS-TRUST/trusts', {
    trust: {
      trustor_user_id: user,
      trustee_user_id: site.ids.user,
      project_id: project,
      impersonation: false,
      roles: [{ name: 'reader' }],
    },
  })
  const credential = await make('/v3/credentials', { credential: { user_id: user, type: 'cert', blob: 'a certificate' } })
  const keys = await make(`/v3/users/${user}/credentials/OS-EC2`, { tenant_id: project })
  return {
    application_credential: program?.id ?? NOTHING,
    access_rule: program?.access_rules[0].id ?? NOTHING,
    trust: trust?.id ?? NOTHING,
    credential: credential?.id ?? NOTHING,
    access: keys?.access ?? NOTHING,
  }
}

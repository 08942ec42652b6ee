import { dialect as baremetal } from '@esi/api/baremetal/dialect'
import { ApiError, type Cloud, type Session, type Token, type Transport, Unreachable } from '@esi/client'
import { conductors } from './conductors.ts'
import { owners } from './owners.ts'

/** What was looked at, how it is, and what to do if it is not well. */
export interface Finding {
  readonly what: string
  readonly is: string
  /** Absent while all is well. */
  readonly advice?: string
}

/** Seconds by which clocks may differ before times on the command line mean something else on the server. */
const CLOCKS = 5

const NOBODY = 'An operator starts a server that conducts (its configuration has no "conduct: false"), or sees in its log why it does not.'

/** Looks at everything in the order in which it is needed; what cannot be looked at any more is left out. */
export const examine = async (session: Session, transport: Transport, now: () => number): Promise<Finding[]> => {
  const { cloud } = session
  const findings: Finding[] = [server(cloud)]
  const clock = await reach(cloud, transport, now)
  findings.push(clock)
  if (clock.advice && clock.what === 'server') return findings
  let token: Token
  try {
    token = await session.token()
  } catch (e) {
    return [...findings, { what: 'login', is: message(e), advice: loginAdvice(e, cloud) }]
  }
  findings.push(login(token), ...roles(token))
  const types = [...new Set(token.catalog.map(entry => entry.type))]
  if (types.length === 0)
    findings.push({ what: 'catalog', is: 'empty', advice: 'Log in with a project: set project_name in clouds.yaml, or OS_PROJECT_NAME.' })
  const warnings = new Set<string>()
  findings.push(...(await Promise.all(types.map(type => service(session, transport, type, warnings)))))
  for (const is of warnings) findings.push({ what: 'conductors', is, advice: NOBODY })
  // A service that cannot be reached was told of above.
  if (types.includes('baremetal')) findings.push(...(await conductors(session).catch(() => [])), ...(await owners(session).catch(() => [])))
  return findings
}

const server = (cloud: Cloud): Finding => ({ what: 'cloud', is: `${cloud.name ?? 'from OS_* variables'} at ${cloud.authUrl}` })

const reach = async (cloud: Cloud, transport: Transport, now: () => number): Promise<Finding> => {
  const from = now()
  try {
    const { headers } = await transport({ method: 'GET', url: cloud.authUrl, headers: { Accept: 'application/json' } })
    const there = Date.parse(headers['date'] ?? '')
    if (Number.isNaN(there)) return { what: 'clock', is: 'the server does not tell its time' }
    // The header has whole seconds, cut off: on average it is half a second old.
    const ahead = (there + 500 - (from + now()) / 2) / 1000
    const is =
      Math.abs(ahead) < 1.5 ? 'as the server has it' : `${Math.abs(ahead).toFixed(0)} s ${ahead > 0 ? 'behind' : 'ahead of'} the server`
    if (Math.abs(ahead) <= CLOCKS) return { what: 'clock', is }
    return { what: 'clock', is, advice: 'Set the clock of this machine, or the server\'s; "timedatectl" tells whether it is kept by NTP.' }
  } catch (e) {
    return {
      what: 'server',
      is: message(e),
      advice: `Is auth_url right? "curl ${cloud.authUrl}" from here must answer. A sandbox is started with "npm start".`,
    }
  }
}

const loginAdvice = (e: unknown, cloud: Cloud): string => {
  const status = e instanceof ApiError ? e.status : undefined
  if (e instanceof Unreachable) return 'The server went away meanwhile; try again.'
  if (status === 401)
    return `Check user, password, project and domains of ${cloud.name ? `the cloud "${cloud.name}" in clouds.yaml` : 'the OS_* variables'}; an administrator can set a new password.`
  if (status === 429) return 'Wait as long as it says; somebody, or a program with an old password, has failed too often.'
  if (status === 404) return 'auth_url leads to something else than an identity service; it usually ends with /identity.'
  return 'Tell the operator of the site, with the request id.'
}

const login = (token: Token): Finding => ({
  what: 'login',
  is: `${token.user.name}${token.project ? ` in the project ${token.project.name}` : ''}, until ${token.expires}`,
})

const roles = ({ roles, project }: Token): Finding[] => {
  const names = roles.map(role => role.name)
  if (names.length > 0) return [{ what: 'roles', is: names.sort().join(', ') }]
  return [
    {
      what: 'roles',
      is: 'none',
      advice: `An administrator gives some: openstack role add --user NAME --project ${project?.name ?? 'NAME'} member`,
    },
  ]
}

const service = async (session: Session, transport: Transport, type: string, warnings: Set<string>): Promise<Finding> => {
  const what = `service ${type}`
  try {
    const url = await session.endpoint(type)
    const { status, headers } = await transport({
      method: 'GET',
      url: `${url}/`,
      headers: { Accept: 'application/json', 'X-Auth-Token': (await session.token()).text },
    })
    if (headers['esi-warning'] !== undefined) warnings.add(headers['esi-warning'])
    // Several versions to choose from are an answer, too.
    if (status >= 400)
      return { what, is: `answers ${status} at ${url}`, advice: `See the log of the service, or whether the catalog's address is right.` }
    return { what, is: `answers at ${url}`, ...(type === 'baremetal' ? versions(headers) : {}) }
  } catch (e) {
    return {
      what,
      is: message(e),
      advice:
        'Does it run? The address is from the catalog: an administrator changes it with "openstack endpoint set", clouds.yaml with "<type>_endpoint_override".',
    }
  }
}

/** Both sides speak a range of microversions. */
const versions = (headers: Readonly<Record<string, string | undefined>>): Partial<Finding> => {
  const newest = Number(headers['x-openstack-ironic-api-maximum-version']?.split('.')[1])
  if (Number.isNaN(newest) || newest >= baremetal.newest) return {}
  return {
    advice: `The service speaks versions up to 1.${newest}, this program asks for 1.${baremetal.newest}: say baremetal_api_version: "1.${newest}" in clouds.yaml, or upgrade the service.`,
  }
}

const message = (e: unknown): string => (e instanceof Error ? e.message : String(e))

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Site } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { cloudText, hasCloud, type Login, writeCloud } from '../site/cloud.ts'
import { SITE_FILE, writeSite } from '../site/fresh.ts'
import { givenSite, SITE_OPTIONS } from '../site/given.ts'
import { readPassword } from '../site/password.ts'
import { hindered, lacking } from '../site/privileges.ts'
import { options, UsageError } from '../usage.ts'

const HELP = `Usage: esi-server init [--config FILE | --state DIR] [--password-file FILE] [--clouds FILE]

Makes a site and its first administrator: a user with the role admin in a project of the same name and in the whole system. Asks for the
password, or reads it from a pipe. Doing it again changes nothing.

Where there is no configuration yet, the least that a site needs is written into FILE, or ${SITE_FILE} in the working folder, and the
login into clouds.yaml beside it. Then: esi-server start --config ${SITE_FILE}

  --listen HOST:PORT    where a new site is to listen; 127.0.0.1:7777 if left out
  --name NAME           what user and project are called; admin if left out
  --password-file FILE  holds the password; - is standard input
  --reset-password      gives an administrator that is there this password; all their sessions end
  --clouds FILE         writes the login into this clouds.yaml; for a site that is there already it is only said what to write
  --cloud NAME          what the login is called there; the administrator's name if left out
  --config FILE         the configuration of a site (YAML); written if it is not there
  --state DIR           the state folder of a sandbox
`

/** `esi-server init`. */
export const init = async (words: readonly string[]): Promise<number> => {
  const given = options(words, {
    ...SITE_OPTIONS,
    listen: { type: 'string' },
    name: { type: 'string', default: 'admin' },
    'password-file': { type: 'string' },
    'reset-password': { type: 'boolean' },
    clouds: { type: 'string' },
    cloud: { type: 'string' },
  })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  const { name } = given
  const cloud = given.cloud ?? name
  const place = placeOf(given, cloud)
  const password = await readPassword(given['password-file'])
  if (place.fresh && writeSite(place.config!, place.listen)) process.stdout.write(`The site's configuration is in ${place.config}.\n`)
  const { config, log } = givenSite(place)
  const clouds = given.clouds ?? place.clouds
  const { startSite } = await import('../main.ts')
  const site = await startSite({ ...config, conduct: false }, log, { listen: false })
  try {
    const identity = site.running.get('identity')?.door as IdentityDoor | undefined
    if (!identity) throw new Error('This site runs no identity service; its administrators are made in the one that it uses.')
    const known = await mayLogIn(site, name, password)
    if (!known && !given['reset-password'] && (await identity.projects.find(name)))
      throw new Error(
        `There is a project "${name}" already, and this is not the password of its administrator "${name}". Log in with the right one; ` +
          'if it is lost, do this again with --reset-password. A further administrator is made with --name.',
      )
    await identity.bootstrap({ adminPassword: password, adminName: name, project: name })
    process.stdout.write(known ? `The administrator "${name}" was there already.\n` : `The administrator "${name}" is made.\n`)
    const region = (config.identity as { region?: string } | undefined)?.region ?? 'RegionOne'
    const login: Login = { url: site.url, user: name, password, project: name, region }
    if (clouds) writeCloud(clouds, cloud, login)
    process.stdout.write(
      clouds
        ? `The login is in ${clouds}: esi --os-cloud ${cloud} node list\n`
        : `Put this into ~/.config/openstack/clouds.yaml, with the password:\n\n${cloudText(cloud, { ...login, password: '...' })}\n`,
    )
    for (const lack of lacking((config.baremetal as { drivers?: string[] } | undefined)?.drivers ?? ['redfish', 'ipmi']))
      process.stdout.write(`${lack}\n`)
    if (place.fresh) process.stdout.write(`Now start it: npx esi-server start --config ${place.config}\n`)
    return 0
  } finally {
    await site.stop()
  }
}

interface Place {
  readonly config?: string
  readonly state?: string
  /** Where the login of a new site goes. */
  readonly clouds?: string
  /** It is to be made, to listen there. */
  readonly fresh?: boolean
  readonly listen?: string | undefined
}

/** The site that is meant; a new one where its configuration is not there yet. */
const placeOf = (
  given: { readonly config?: string | undefined; readonly state?: string | undefined; readonly listen?: string | undefined },
  cloud: string,
): Place => {
  if (given.state !== undefined) {
    if (given.config !== undefined) throw new UsageError('A site has --config or --state, not both.')
    if (given.listen !== undefined) throw new UsageError('--listen is for a new site; this one is there already.')
    return { state: given.state }
  }
  const config = given.config ?? SITE_FILE
  const clouds = join(dirname(config), 'clouds.yaml')
  const known = hasCloud(clouds, cloud)
  if (existsSync(config)) {
    if (given.listen !== undefined) throw new UsageError(`--listen is for a new site; change it in ${config}.`)
    return { config, ...(given.config === undefined && !known ? { clouds } : {}) }
  }
  if (known) throw new UsageError(`${clouds} has a cloud "${cloud}" already. Name this one with --cloud.`)
  const listen = given.listen ?? process.env['ESI_LISTEN']
  if (listen !== undefined && !/^\S+:\d{1,5}$/.test(listen))
    throw new UsageError(`--listen must be like HOST:PORT, not "${listen.slice(0, 80)}".`)
  const why = listen === undefined ? undefined : hindered(listen)
  if (why !== undefined) throw new UsageError(why)
  return { config, clouds, fresh: true, listen }
}

/** By the same route as everybody. */
const mayLogIn = async (site: Site, name: string, password: string): Promise<boolean> => {
  const domain = { id: 'default' }
  const reply = await site.app.inject({
    method: 'POST',
    url: '/identity/v3/auth/tokens',
    payload: {
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain, password } } },
        scope: { project: { name, domain } },
      },
    },
  })
  if (reply.statusCode >= 500) throw new Error(`The login could not be tried: ${reply.body.slice(0, 300)}`)
  return reply.statusCode === 201
}

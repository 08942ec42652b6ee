import type { Site } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { cloudText, type Login, writeCloud } from '../site/cloud.ts'
import { givenSite, SITE_HELP, SITE_OPTIONS } from '../site/given.ts'
import { readPassword } from '../site/password.ts'
import { options } from '../usage.ts'

const HELP = `Usage: esi-server init (--config FILE | --state DIR) [--password-file FILE] [--clouds FILE]

Makes the first administrator of a site: a user with the role admin in a project of the same name and in the whole system. Asks for the
password, or reads it from a pipe. Doing it again changes nothing.

  --name NAME           what user and project are called; admin if left out
  --password-file FILE  holds the password; - is standard input
  --reset-password      gives an administrator that is there this password; all their sessions end
  --clouds FILE         writes the login into this clouds.yaml, instead of saying what to write
  --cloud NAME          what the login is called there; the administrator's name if left out
${SITE_HELP}`

/** `esi-server init`. */
export const init = async (words: readonly string[]): Promise<number> => {
  const given = options(words, {
    ...SITE_OPTIONS,
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
  const { config, log } = givenSite(given)
  const password = await readPassword(given['password-file'])
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
    const cloud = given.cloud ?? name
    if (given.clouds) writeCloud(given.clouds, cloud, login)
    process.stdout.write(
      given.clouds
        ? `The login is in ${given.clouds}: esi --os-cloud ${cloud} node list\n`
        : `Put this into ~/.config/openstack/clouds.yaml, with the password:\n\n${cloudText(cloud, { ...login, password: '...' })}\n`,
    )
    return 0
  } finally {
    await site.stop()
  }
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

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../kit/log/log.ts'
import { type Site, type SiteConfig, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { Api } from './api.ts'
import { readPasswords, writeClouds } from './clouds.ts'
import { furnish, provide } from './furnish.ts'
import { startLab } from './lab.ts'
import { people } from './story.ts'

// Twenty times faster than real machines: a power cycle takes half a second.
const SPEED = 20

/** A site with a virtual rack, four tenants and a story, made at the first start and found again at every other. */
export const startSandbox = async (config: SiteConfig, log: Log, tell: (text: string) => void): Promise<Site> => {
  mkdirSync(config.state, { recursive: true, mode: 0o700 })
  const clouds = join(config.state, 'clouds.yaml')
  const done = join(config.state, 'furnished')
  const first = !existsSync(done)
  const passwords = readPasswords(clouds, ['admin', ...people.map(p => p.name)])
  if (first) tell(`making a sandbox in ${config.state}`)
  // The passwords are kept before they are used, or a crash in between would lock everybody out.
  if (!existsSync(clouds)) writeClouds(clouds, `http://${config.listen}`, passwords)
  const [lab, started] = await Promise.allSettled([startLab(join(config.state, 'lab'), SPEED), startSite(config, log)])
  if (started.status === 'rejected') throw started.reason
  const site = started.value
  try {
    if (lab.status === 'rejected') throw lab.reason
    const rack = lab.value
    if (first) {
      writeClouds(clouds, site.url, passwords)
      await (site.running.get('identity')!.door as IdentityDoor).bootstrap({ adminPassword: passwords.get('admin')! })
      const api = new Api(site.app)
      await api.login('admin', passwords.get('admin')!, 'admin')
      await furnish(api, rack, passwords, tell)
      await bringIn(api, tell)
      writeFileSync(done, '')
    }
    tell(welcome(config, site, rack.machines.length, clouds))
  } catch (e) {
    await site.stop()
    throw e
  }
  return site
}

const bringIn = async (api: Api, tell: (text: string) => void): Promise<void> => {
  let told = ''
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const { ready, rest } = await provide(api)
    const now = `in the pool: ${ready.join(', ') || 'none'}${rest.length > 0 ? `; being checked and cleaned: ${rest.join(', ')}` : ''}`
    if (now !== told) tell(now)
    told = now
    if (rest.length === 0) return
  }
  tell('some machines are not in the pool yet; "esi node list" tells how they are')
}

const welcome = (config: SiteConfig, site: Site, machines: number, clouds: string): string => {
  const services = site.services.map(s => s.name).join(', ')
  const use = process.cwd() === join(config.state, '..') ? '' : `OS_CLIENT_CONFIG_FILE=${clouds} `
  return `
ESI is up at ${site.url}  (${services}; ${site.database})
A virtual rack of ${machines} machines answers on Redfish; logins are in ${clouds}
Users: admin; owner1 (dell1-3), owner2 (dell4-5) own machines; lessee1, lessee2 lease them. Try, in another terminal:
  ${use}npx esi --os-cloud owner1 offer create dell2       offer a machine
  ${use}npx esi --os-cloud lessee1 offer list              see what is free
  ${use}npx esi --os-cloud lessee1 offer claim UUID --wait lease it
  ${use}npx esi --os-cloud lessee1 node power on dell2     use it
  npm run demo                                             the whole story, step by step
Ctrl-C stops it; the next start finds everything as it was.`
}

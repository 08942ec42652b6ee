import { hostname, userInfo } from 'node:os'
import type { Hold, Scope } from '../kit/hold/types.ts'
import type { Log } from '../kit/log/log.ts'
import type { Difference } from '../kit/service.ts'
import type { SiteConfig } from '../main.ts'
import { services } from '../services.ts'
import { givenSite, SITE_HELP, SITE_OPTIONS } from '../site/given.ts'
import { atWorkbench } from '../site/workbench.ts'
import { options, UsageError } from '../usage.ts'

const HELP = `Usage: esi-server hold (--site | --service NAME | --node ID) [--reason TEXT] [--lift]
       esi-server hold --list [--json]
       esi-server hold --differences [--json]

What is held answers, reads hardware, and changes nothing outside of its database. A database that was restored from a backup, copied,
promoted or rolled back holds the whole site by itself: look what differs from the machines, mend it, then lift the hold.

  --site         the whole site; to lift it is to say that the database is good as it is now
  --service NAME one service: ${services.map(s => s.name).join(', ')}
  --node ID      one node, by its UUID; --thing ID for anything else that conductors know by an id
  --reason TEXT  why, for others who wonder
  --lift         hold it no more
  --dry-run      with what is to be held or lifted: only says what would be
  --list         what is held, since when and why
  --differences  what machines say differently from the database
  --json         lists as JSON
${SITE_HELP}`

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** `esi-server hold`. Works with the servers running or not. */
export const hold = async (words: readonly string[]): Promise<number> => {
  const given = options(words, {
    ...SITE_OPTIONS,
    site: { type: 'boolean' },
    service: { type: 'string' },
    node: { type: 'string' },
    thing: { type: 'string' },
    reason: { type: 'string' },
    lift: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    list: { type: 'boolean' },
    differences: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  const target = targetOf(given)
  const wishes = [target !== undefined, given.list, given.differences].filter(Boolean).length
  if (wishes !== 1) throw new UsageError('Say one of --site, --service NAME, --node ID, --list or --differences; "--help" tells more.')
  if (!target && (given.lift || given.reason !== undefined)) throw new UsageError('--lift and --reason need --site, --service or --node.')
  if (given['dry-run'] && !target) throw new UsageError('--dry-run needs --site, --service or --node.')
  if (given.lift && given.reason !== undefined) throw new UsageError('--reason is for holding, not for lifting.')
  const { config, log } = givenSite(given)
  if (given.differences) return tell(await differencesOf(config, log), given.json, difference, NO_DIFFERENCE)
  return atWorkbench(config, log, async ({ holds }) => {
    if (!target) return tell(await holds.list(), given.json, line, 'Nothing is held.')
    if (given['dry-run']) return tryIt(target, given.lift ?? false, await holds.list())
    const by = `${userInfo().username} on ${hostname()}`
    if (given.lift) {
      const lifted = await holds.lift({ ...target, by })
      if (!lifted) throw new Error(`${capital(named(target))} is not held. What is: "esi-server hold --list".`)
      return say(`${capital(named(target))} is held no more; it was, since ${lifted.at}: ${lifted.reason}.`)
    }
    await holds.hold({ ...target, reason: given.reason ?? 'an operator holds it', by })
    return say(`${capital(named(target))} is held: within a second nothing outside of the database is changed for it any more.`)
  })
}

const tryIt = (target: Target, lift: boolean, held: readonly Hold[]): number => {
  const there = held.find(h => h.scope === target.scope && h.key === target.key)
  const name = capital(named(target))
  if (lift && !there) throw new Error(`${name} is not held. What is: "esi-server hold --list".`)
  const is = there ? `it is held already, since ${there.at}: ${there.reason}` : 'it is not held now'
  say(lift ? `${name} would be held no more; it is, since ${there!.at}: ${there!.reason}.` : `${name} would be held; ${is}.`)
  if (lift && target.scope === 'site') say('That says that the database is good as it is now: see --differences before.')
  if (lift && target.scope !== 'site' && held.some(h => h.scope === 'site')) say('The whole site is held, too; that stays.')
  return say('Nothing was changed.')
}

interface Target {
  readonly scope: Scope
  readonly key: string
}

const targetOf = (given: {
  site?: boolean | undefined
  service?: string | undefined
  node?: string | undefined
  thing?: string | undefined
}): Target | undefined => {
  const targets: Target[] = [
    ...(given.site ? [{ scope: 'site', key: '' } as const] : []),
    ...(given.service === undefined ? [] : [{ scope: 'service', key: given.service } as const]),
    ...[given.node, given.thing].flatMap(key => (key === undefined ? [] : [{ scope: 'thing', key } as const])),
  ]
  if (targets.length > 1) throw new UsageError('One hold at a time: --site, --service, --node or --thing.')
  const { service, node, thing } = given
  if (service !== undefined && !services.some(s => s.name === service))
    throw new UsageError(`There is no service "${service}"; there are ${services.map(s => s.name).join(', ')}.`)
  if (node !== undefined && !UUID.test(node))
    throw new UsageError(`"${node}" is no UUID; "esi node show ${node} -f value -c uuid" tells the node's.`)
  if (thing === '') throw new UsageError('--thing needs an id.')
  return targets[0]
}

const differencesOf = async (config: SiteConfig, log: Log): Promise<readonly Difference[]> => {
  const { startSite } = await import('../main.ts')
  const site = await startSite({ ...config, conduct: false }, log, { listen: false })
  try {
    const able = [...site.running.values()].filter(up => up.differences)
    if (able.length === 0) throw new Error('None of the services that run here can tell what differs.')
    return (await Promise.all(able.map(up => up.differences!()))).flat()
  } finally {
    await site.stop()
  }
}

const NO_DIFFERENCE = 'Nothing that can be read differs from the database.'

const named = ({ scope, key }: Target): string => (scope === 'site' ? 'the site' : `${scope} ${key}`)
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)
const line = (h: Hold): string => `${named(h)}: held since ${h.at} by ${h.by}: ${h.reason}`
const difference = (d: Difference): string =>
  `${d.name ?? d.thing}: ${d.field} is "${d.machine}", and "${d.database}" in the database${d.name === null ? '' : ` (${d.thing})`}`

const tell = <T>(rows: readonly T[], json: boolean | undefined, text: (row: T) => string, none: string): number =>
  say(json ? JSON.stringify(rows, null, 2) : rows.length === 0 ? none : rows.map(text).join('\n'))

const say = (text: string): number => {
  process.stdout.write(`${text}\n`)
  return 0
}

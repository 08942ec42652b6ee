import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { reseal, usesOfKey } from '../kit/db/reseal.ts'
import { type MasterKey, type Secrets, secrets } from '../kit/secrets/secrets.ts'
import { services } from '../services.ts'
import { givenSite, SITE_HELP, SITE_OPTIONS } from '../site/given.ts'
import { addMasterKey, dropMasterKey, masterKeys, prepareMasterKey, useMasterKey, withFreshKey } from '../site/keys.ts'
import { atWorkbench, type Workbench } from '../site/workbench.ts'
import { options, UsageError } from '../usage.ts'

const HELP = `Usage: esi-server rotate-keys (--config FILE | --state DIR)
       esi-server rotate-keys --prepare | --use ID | --drop-old

Puts a new master key in front and seals every secret in the database with it. Servers that run pick the key up by themselves; stopped
midway, do it again with --use and the new key's id. Servers on several machines need the same key file: --prepare on one, copy the
file to all, then --use.

  --prepare   adds a key that is not used yet, and tells its id
  --use ID    puts that key of the file in front, and seals everything with it
  --drop-old  removes the keys that nothing in the database is sealed with; older backups of the database need them still
  --dry-run   only says what would be done
${SITE_HELP}`

/** `esi-server rotate-keys`. Works with the servers running or not. */
export const rotateKeys = async (words: readonly string[]): Promise<number> => {
  const given = options(words, {
    ...SITE_OPTIONS,
    prepare: { type: 'boolean' },
    use: { type: 'string' },
    'drop-old': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  if ([given.prepare, given.use !== undefined, given['drop-old']].filter(Boolean).length > 1)
    throw new UsageError('Say one of --prepare, --use ID or --drop-old.')
  const { config, log } = givenSite(given)
  const file = config.masterKeys ?? join(config.state, 'keys', 'master')
  // A file that is no good is said before the database is opened.
  masterKeys(file)
  const dry = given['dry-run'] ?? false
  if (given.prepare && dry) return say(`Would add a key to ${file} that is not used yet; it has ${masterKeys(file).length}.`)
  if (given.prepare)
    return say(`The key ${prepareMasterKey(file).id} is in ${file}. Copy the file to all machines, then: rotate-keys --use`)
  return atWorkbench(config, log, async bench => {
    if (given['drop-old']) return dropOld(bench, file, dry)
    if (dry) return tryAll(bench, file, given.use)
    const key = given.use === undefined ? addMasterKey(file) : useMasterKey(file, given.use)
    say(`The key ${key.id} seals from now on.`)
    return sealAll(bench, file)
  })
}

/** Which secrets would be sealed anew; with a key that is nowhere but here. */
const tryAll = async ({ connections }: Workbench, file: string, use: string | undefined): Promise<number> => {
  const keys = use === undefined ? withFreshKey(file) : inFront(masterKeys(file), use, file)
  const { changed, lost } = await seal(
    connections,
    secrets(() => keys),
    true,
  )
  say(`${use === undefined ? 'A new key' : `The key ${use}`} would seal from then on, and ${changed} rows would be sealed anew.`)
  if (lost.length > 0) say(`No key of ${file} opens what is in ${lost.join(', ')}.`)
  return say('Nothing was changed.')
}

const inFront = (keys: readonly MasterKey[], id: string, file: string): readonly MasterKey[] => {
  const key = keys.find(k => k.id === id)
  if (!key) throw new Error(`${file} has no key ${id}; it has ${keys.map(k => k.id).join(', ')}.`)
  return [key, ...keys.filter(k => k !== key)]
}

/** All that services have sealed. */
const seal = async ({ pool }: Workbench['connections'], box: Secrets, tried: boolean): Promise<{ changed: number; lost: string[] }> => {
  const lost: string[] = []
  let changed = 0
  for (const column of services.flatMap(s => s.sealed ?? [])) {
    const done = await reseal(pool, column, box, 100, tried)
    changed += done.changed
    lost.push(...done.lost)
  }
  return { changed, lost }
}

const tell = (
  { database, clock }: Workbench,
  what: 'used' | 'dropped',
  key: string,
  data: Readonly<Record<string, unknown>>,
): Promise<void> =>
  database.transaction({ at: clock.now(), by: {} }, async tx =>
    tx.emit('site', {
      type: `site.master_key.${what}`,
      object: { type: 'master_key', id: key },
      projects: [],
      data: { by: `${userInfo().username} on ${hostname()}`, ...data },
    }),
  )

const sealAll = async (bench: Workbench, file: string): Promise<number> => {
  const { changed, lost } = await seal(
    bench.connections,
    secrets(() => masterKeys(file)),
    false,
  )
  await tell(bench, 'used', masterKeys(file)[0]!.id, { rows: changed, lost: lost.length })
  say(`${changed} rows are sealed anew.`)
  if (lost.length === 0) return say('When no older backup is needed any more: rotate-keys --drop-old')
  throw new Error(
    `No key of ${file} opens what is in ${lost.join(', ')}. Put the key that did back into the file, or enter the secrets anew.`,
  )
}

const dropOld = async (bench: Workbench, file: string, dry: boolean): Promise<number> => {
  const [first, ...old] = masterKeys(file)
  if (old.length === 0) return say(`${file} has one key, ${first!.id}; there is nothing to drop.`)
  const used: string[] = []
  for (const { id } of old) {
    const uses = await usesOfKey(bench.connections.pool, ['kit', ...services.map(s => s.name)], id)
    if (uses.length > 0) used.push(`${id} (${uses.join(', ')})`)
    else if (dry) say(`Would drop the key ${id}.`)
    else {
      dropMasterKey(file, id)
      await tell(bench, 'dropped', id, {})
      say(`The key ${id} is dropped.`)
    }
  }
  if (used.length > 0) throw new Error(`Still used: ${used.join('; ')}. Seal everything anew first: rotate-keys --use ${first!.id}`)
  return 0
}

const say = (text: string): number => {
  process.stdout.write(`${text}\n`)
  return 0
}

import type { node } from '@esi/api/baremetal/node'
import type { Row } from '@esi/api/define'
import { ApiError, type Search, waitFor } from '@esi/client'
import { type Command, type Face, type Given, UsageError } from '../../command.ts'
import { nodes as nodeClient } from '../../services.ts'
import { accountsOf, count, enrolling, enrollingOf, searching, searchOf, searchOptions, showFound } from './search.ts'

type Node = Row<typeof node.fields>

/** States in which a node waits for a person, or is where it was to go. */
const STAYS = new Set(['enroll', 'manageable', 'available', 'clean failed', 'inspect failed'])
const MOST_ACCOUNTS = 3

export const command: Command = {
  brief: 'bring a rack of machines into the pool, from nothing but the addresses of their BMCs',
  doc: 'Asks for addresses and passwords, has the server look for BMCs there, shows what it found, enrolls it once that is confirmed, proves that each BMC answers, and brings each machine to where it can be offered. Whatever is given as an option is not asked for.',
  options: {
    ...searchOptions,
    erase: {
      doc: 'none: the machines may be handed on with their disks as they are; wipe: not before somebody can wipe them',
      values: ['how'],
      choices: ['none', 'wipe'],
    },
    'no-provide': { doc: 'stop when the BMCs are verified, without making the machines available' },
  },
  prints: 'list',
  changes: true,
  examples: [
    'esi rack add',
    'esi rack add --bmc-range 10.0.0.1-10.0.0.20 --username root --password-file bmc.txt --erase none --yes -f json',
  ],
  async run(face, given) {
    const ranges = given.has('bmc-range') ? given.all('bmc-range') : await askRanges(face)
    const accounts = given.has('username') || given.has('password-file') ? accountsOf(given) : await askAccounts(face)
    return await searching(face, searchOf(given, ranges, accounts), async found => {
      await showFound(face, found)
      const fresh = found.found.filter(({ node }) => node === null)
      if (fresh.length === 0) throw new ApiError(404, nothing(found.found.length, found.failed.length), undefined, undefined)
      if (!given.has('yes') && !(await face.keyboard.confirm(`Enroll ${count(fresh.length)}?`, '--yes'))) return undefined
      const erase = await howToErase(face, given)
      const { nodes } = await enrolling(
        face,
        found,
        enrollingOf(given, { addresses: fresh.map(({ address }) => address), ...(erase === 'none' ? { properties: { erase } } : {}) }),
      )
      if (face.dryRun) return { columns: ['Name', 'Address'], rows: nodes.map(each => [each.name, each.address]) }
      const rows: (readonly unknown[])[] = []
      for (const each of nodes) rows.push([...(await bring(face, each.uuid, !given.has('no-provide'))), each.address, each.ports])
      tellOfIsolation(face, rows)
      if (erase === 'wipe') face.warn('Nothing here wipes disks yet, so other projects cannot lease these machines. Their owner can.')
      return { columns: ['Name', 'State', 'Isolation', 'Last Error', 'Address', 'Ports'], rows }
    })
  },
}

const nothing = (known: number, failed: number): string =>
  known > 0
    ? 'All machines that were found are enrolled already.'
    : failed > 0
      ? 'BMCs were found, but none lets us in. What each says is above.'
      : 'Nothing was found. The server must reach these addresses: look whether it does, and whether the BMCs are on other ports (…:8443).'

const askRanges = async (face: Face): Promise<string[]> => {
  const answer = await face.keyboard.ask('Addresses of the BMCs (like 10.0.0.1-10.0.0.20, several with blanks between): ', '--bmc-range')
  const ranges = answer.split(/[\s,]+/).filter(range => range !== '')
  if (ranges.length === 0) throw new UsageError('Without addresses there is nothing to look for.')
  return ranges
}

const askAccounts = async (face: Face): Promise<Search['accounts']> => {
  const accounts: { username: string; password: string }[] = []
  while (accounts.length < MOST_ACCOUNTS) {
    const again = accounts.length > 0
    const username = (
      await face.keyboard.ask(again ? 'Another account to try (empty for none): ' : 'User name on the BMCs: ', '--username')
    ).trim()
    if (username === '' && again) break
    if (username === '') throw new UsageError('Without an account nothing can be learnt of a machine.')
    accounts.push({ username, password: await face.keyboard.ask(`Password of ${username}: `, '--password-file', true) })
  }
  return accounts
}

const howToErase = async (face: Face, given: Given): Promise<'none' | 'wipe'> => {
  const said = given.one('erase')
  if (said === 'none' || said === 'wipe') return said
  // Whoever answers nothing has not given his word.
  if (given.has('yes')) return 'wipe'
  const question = 'Nothing here wipes disks yet. May these machines be handed on to other projects with their disks as they are?'
  return (await face.keyboard.confirm(question, '--erase')) ? 'none' : 'wipe'
}

/** Waits until the BMC is verified, makes the node available, and tells what it came to. */
const bring = async (face: Face, uuid: string, provide: boolean): Promise<readonly unknown[]> => {
  const client = await nodeClient(face)
  let told = ''
  const settled = () =>
    waitFor(
      async () => (await client.show(uuid)) as Node,
      now => now.target_provision_state === null && STAYS.has(String(now.provision_state)),
      {
        signal: face.signal,
        progress(now) {
          const text = `${now.name ?? uuid}: ${now.provision_state}`
          if (text !== told) face.progress(text)
          told = text
        },
      },
    )
  let now = await settled()
  if (provide && now.provision_state === 'manageable') {
    await client.call('PUT', client.one(uuid, 'states', 'provision'), { target: 'provide' })
    now = await settled()
  }
  const proven = (await client.call('GET', client.one(uuid, 'release'))) as { clean: { proof: Record<string, string> } | null }
  return [now.name, now.provision_state, proven.clean?.proof['isolation'] ?? null, now.last_error]
}

const ISOLATION = 2

const tellOfIsolation = (face: Face, rows: readonly (readonly unknown[])[]): void => {
  if (rows.some(row => row[ISOLATION] === 'not isolated'))
    face.warn('These machines are not isolated: no switch is configured here, so who leases them shares a network with the others.')
}

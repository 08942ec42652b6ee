import { readFileSync } from 'node:fs'
import type { Discovery } from '@esi/api/baremetal/discovery'
import { discover, type Enrolling, enrol, forget, type Search } from '@esi/client'
import { type Face, Given, type Option, type Output, UsageError } from '../../command.ts'
import { print } from '../../output.ts'
import { present } from '../../values.ts'

/** Options by which machines are looked for and enrolled; what is not given `rack add` asks for. */
export const searchOptions: Readonly<Record<string, Option>> = {
  'bmc-range': {
    doc: 'addresses of BMCs, like 10.0.0.5, 10.0.0.1-10.0.0.20 or 10.0.0.0/24, with :port if it is not the usual one; repeat for more',
    values: ['range'],
    repeat: true,
  },
  username: { doc: 'an account on them; up to three, each with its --password-file, are tried in turn', values: ['name'], repeat: true },
  'password-file': { doc: 'the file that holds its password; - for standard input', values: ['file'], repeat: true },
  driver: { doc: 'redfish, ipmi, or auto (default): whichever answers', values: ['type'] },
  'trust-known': {
    doc: 'send passwords only to BMCs whose certificate the server trusts already; by default the first one that is shown is kept',
  },
  'conductor-group': { doc: 'the conductors that reach these addresses', values: ['group'] },
  owner: { doc: 'the project that is to own them; yours if left out', values: ['project'] },
  name: { doc: 'what they are to be called, with {serial}, {address} and {n}', values: ['pattern'] },
  'resource-class': { doc: 'their resource class', values: ['class'] },
  yes: { doc: 'enroll all that was found, without asking' },
}

export const accountsOf = (given: Given): Search['accounts'] => {
  const names = given.all('username')
  const files = given.all('password-file')
  if (names.length !== files.length) throw new UsageError('Each --username needs its --password-file, and the other way round.')
  return names.map((username, n) => ({ username, password: secretFrom(files[n]!) }))
}

/** What a file holds, or standard input for `-`, without the end of its line. */
export const secretFrom = (file: string): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '')
  } catch (e) {
    throw new UsageError(`The password cannot be read: ${(e as Error).message}`)
  }
}

export const searchOf = (given: Given, ranges: readonly string[], accounts: Search['accounts']): Search =>
  present({
    ranges,
    accounts,
    driver: given.one('driver'),
    trust: given.has('trust-known') ? ('known' as const) : undefined,
    conductor_group: given.one('conductor-group'),
  }) as Search

export const enrollingOf = (given: Given, more: Enrolling = {}): Enrolling =>
  present({ owner: given.one('owner'), name: given.one('name'), resource_class: given.one('resource-class'), ...more }) as Enrolling

/** Searches, shows what was found, and hands it to `then`; however that ends, the server forgets the passwords. */
export const searching = async <T>(face: Face, search: Search, then: (found: Discovery) => Promise<T>): Promise<T> => {
  const session = await face.session()
  let begun: string | undefined
  let told = ''
  try {
    const found = await discover(session, search, {
      signal: face.signal,
      begun: uuid => {
        begun = uuid
      },
      progress: ({ progress: { addresses, done }, found }) => {
        const text = `${done} of ${addresses} addresses asked, ${count(found.length)} found`
        if (text !== told) face.progress(text)
        told = text
      },
    })
    for (const { address, driver, message } of found.failed) face.warn(`${address} (${driver}) lets nobody in: ${message}`)
    for (const weak of new Set(found.found.flatMap(each => each.weak)))
      face.warn(
        `${found.found
          .filter(each => each.weak.includes(weak))
          .map(each => each.address)
          .join(', ')}: ${weak}`,
      )
    return await then(found)
  } finally {
    if (begun !== undefined) await forget(session, begun)
  }
}

export const count = (n: number): string => `${n} machine${n === 1 ? '' : 's'}`

const COLUMNS = ['Address', 'Driver', 'Vendor', 'Model', 'Serial', 'NICs', 'Certificate', 'Node']

/** What was found, one machine a line. A card that shares its link with the BMC is marked. */
export const foundTable = ({ found }: Discovery): Extract<Output, { rows: unknown }> => ({
  columns: COLUMNS,
  rows: found.map(each => [
    each.address,
    each.driver,
    each.vendor,
    each.model,
    each.serial,
    each.nics.map(({ mac, shared_lom }) => (shared_lom ? `${mac} (shared with the BMC)` : mac)).join(', '),
    each.certificate,
    each.node ? (each.node.name ?? each.node.uuid) : null,
  ]),
})

/** To the person who is about to be asked, beside what the command prints. */
export const showFound = async (face: Face, found: Discovery): Promise<void> =>
  print(foundTable(found), new Given(new Map(), new Map()), text => face.warn(text.trimEnd()), 0)

/** Enrolls, and tells of what was left out. */
export const enrolling = async (face: Face, found: Discovery, how: Enrolling) => {
  const enrolled = await enrol(await face.session(), found.uuid, how, face.dryRun)
  for (const { address, why } of enrolled.skipped) face.warn(`${address} was left out: ${why}`)
  return enrolled
}

import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { redfish } from '../redfish.ts'
import { play } from './test/player.ts'
import { story } from './test/story.ts'
import { type Exchange, Transcript } from './transcript.ts'

// Written by test/record.ts. The first line is what the driver told then, the others are what it asked and heard.
const FOLDER = new URL('transcripts/', import.meta.url)
const NAMES = readdirSync(FOLDER).map(file => file.replace(/\.jsonl$/, ''))

const read = (name: string) => {
  const [told, ...exchanges] = readFileSync(new URL(`${name}.jsonl`, FOLDER), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  return { told, exchanges: exchanges as Exchange[] }
}

it('there are transcripts of each family of BMCs', () => {
  expect(NAMES.sort()).toEqual(['idrac', 'ilo', 'supermicro', 'xcc'])
})

it.each(NAMES)('of %s: tells the same, and asks for the same changes in the same words', async name => {
  const { told, exchanges } = read(name)
  const player = await play(exchanges)
  const driver = redfish({ wait: async () => undefined })
  try {
    const bmc = driver.open({ redfish_address: player.origin, redfish_username: 'admin', redfish_password: 'correct horse' })
    const now = await story(bmc, 1).catch(error => `${error.message} ${player.wrong}`)
    expect(player.wrong).toEqual([])
    // Addresses are those of the day.
    expect(now).toEqual(told)
  } finally {
    await driver.close!()
    await player.stop()
  }
  expect(player.left()).toEqual([])
})

it('a transcript has nothing of what is secret or names a machine, and still tells one machine from another', () => {
  const transcript = new Transcript(['correct horse'])
  transcript.heard(
    { method: 'POST', path: '/sessions', body: { UserName: 'admin', Password: 'correct horse' } },
    { status: 201, headers: { 'x-auth-token': 'T0KEN', location: '/sessions/1', 'set-cookie': ['a=T0KEN'] }, text: '' },
  )
  const body = {
    SerialNumber: 'ABC123',
    Chassis: { SerialNumber: 'ABC123', AssetTag: 'XYZ789' },
    UUID: '38947555-7742-3448-3784-823347823834',
    MACAddress: '12:44:6a:3b:04:11',
    IPv4Addresses: [{ Address: '10.1.2.3', Gateway: '10.1.2.1' }],
    Oem: { Contoso: { SNMPCommunityString: 'public', Note: 'it is "correct horse"' } },
    Model: 'T1000',
  }
  transcript.heard(
    { method: 'GET', path: '/systems/1', headers: { 'x-auth-token': 'T0KEN' } },
    { status: 200, headers: { etag: '"1"' }, text: JSON.stringify(body) },
  )
  const all = JSON.stringify(transcript.exchanges)
  for (const own of ['correct horse', 'T0KEN', 'ABC123', 'XYZ789', '38947555', '12:44', '10.1.2', 'public']) expect(all).not.toContain(own)
  const shown = transcript.exchanges[1]!.body as typeof body
  expect(shown.SerialNumber).toBe(shown.Chassis.SerialNumber)
  expect(shown.Chassis.AssetTag).not.toBe(shown.SerialNumber)
  expect(shown.MACAddress).toMatch(/^02(:[0-9a-f]{2}){5}$/)
  expect(shown.Model).toBe('T1000')
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabRig, labRig } from './lab-rig.ts'

/** What a BMC may do wrong, and what its node then says to a person; afterwards everything works again with what that asks for. */
interface Case {
  readonly what: string
  readonly fault: string
  readonly more?: object
  readonly says: RegExp | null
  /** What the person does; without it the BMC only has to behave again. */
  readonly mend?: (uuid: string, machine: string) => Promise<unknown>
}

let l: LabRig
const fingerprint = async (uuid: string) =>
  // As a person does it who has looked at the BMC: trusts the certificate that it shows now.
  l.ask('admin', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'replace', path: '/driver_info/redfish_verify_ca', value: false }], 200)

/** Nothing but waiting for it. */
const back = (_: string, machine: string) => expect.poll(async () => (await l.truth(machine)).bmcAway, { timeout: 30_000 }).toBe(false)

const CASES: readonly Case[] = [
  {
    what: 'lies: takes a power command and does nothing',
    fault: 'power-ignored',
    says: /Failed to change power state to 'power on' by 'on'. Error: The BMC was asked 3 times to switch the machine on, and after 60 s it is still off/,
  },
  { what: 'hangs', fault: 'hang', says: /nothing answers; check that it has power|gave no answer within .*Check/ },
  { what: 'is dead', fault: 'refuse', says: /cannot be reached|closed the connection|did not answer.*(Check|Last time)/ },
  {
    what: 'restarts in the midst of the command',
    fault: 'bmc-restart',
    more: { path: 'ComputerSystem.Reset', count: 1, seconds: 4000 },
    says: /cannot be reached: .*[Cc]heck/,
    mend: back,
  },
  { what: 'answers 503 for a while', fault: 'busy', more: { seconds: 1, count: 6 }, says: null },
  { what: 'answers 503 for ever', fault: 'busy', more: { seconds: 60 }, says: /answered 503 .*Try again in 60 s/ },
  {
    what: 'forgets every session at once',
    fault: 'lost-sessions',
    says: /lets us in and forgets the session at once. Try again later; set redfish_auth_type to basic/,
  },
  { what: 'forgets its sessions', fault: 'lost-sessions', more: { count: 3 }, says: null },
  {
    what: 'refuses the password that it took before',
    fault: 'wrong-password',
    says: /refuses the user name or the password.*Correct redfish_username and redfish_password/,
  },
  { what: 'answers nonsense', fault: 'garbled', says: /no JSON object. Try again, or reset it|Update its firmware or reset it/ },
  { what: 'shows another certificate', fault: 'certificate', says: /certificate.*redfish_verify_ca/, mend: fingerprint },
]

beforeAll(async () => {
  l = await labRig(
    CASES.map((_, i) => ({ name: `m${i}`, address: `127.78.6.${i + 1}`, disks: [{ gb: 10, os: 'linux' }] })),
    500,
    700,
  )
}, 60_000)
afterAll(() => l?.stop())

describe.each(CASES.map((each, i) => ({ ...each, name: `m${i}` })))('a BMC that $what', ({ name, fault, more, says, mend }) => {
  it(
    says === null ? 'costs its node nothing but time' : 'leaves its node with a sentence that says what to do, and works again afterwards',
    async () => {
      const uuid = await l.manageable(name)
      const end = fault === 'certificate' ? await newCertificate(name) : await l.fault(name, fault, more)
      await l.power(uuid, 'power on')
      await l.until(uuid, n => n.wanted, {}, 5000)
      const node = (await l.ask('owner', 'GET', `/v1/nodes/${uuid}`, undefined, 200)).body
      if (says === null) expect(node).toMatchObject({ power_state: 'power on', target_power_state: null, last_error: null })
      else {
        expect(node).toMatchObject({ target_power_state: null, provision_state: 'manageable', last_error: expect.stringMatching(says) })
        expect(node.last_error).not.toContain('correct horse')
      }
      await end()
      await mend?.(uuid, name)
      await l.power(uuid, 'power off')
      await l.until(uuid, n => [n.power_state, n.wanted], ['power off', {}], 5000)
      await l.power(uuid, 'power on')
      await l.until(uuid, n => [n.power_state, n.last_error, n.wanted], ['power on', null, {}], 5000)
      expect((await l.truth(name)).power).toBe('On')
    },
  )
})

const newCertificate = async (name: string) => {
  await l.control('PATCH', `machines/${name}`, { certificate: 'new' })
  return async () => undefined
}

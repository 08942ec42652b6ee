import { BmcError, type BmcFault } from '../driver.ts'
import type { Target } from './settings.ts'

/** What one run of ipmitool left behind. */
export interface Ended {
  /** Exit status; null where it was killed. */
  readonly status: number | null
  readonly out: string
  readonly err: string
  /** It was killed because its time was over. */
  readonly late: boolean
}

/** Why no session came about, by what ipmitool says; the first that fits decides. */
const NO_SESSION: readonly (readonly [RegExp, BmcFault, string])[] = [
  [/Address lookup for .* failed/i, 'unreachable', 'its name is not known; correct ipmi_address or the name service'],
  [/insufficient resources for session/i, 'busy', 'it has no session left; try again later, or end sessions of others'],
  [
    /RAKP \d (HMAC|message).*(invalid|unauthorized name|invalid role|privilege level)|unauthorized name|invalid role|unauthorized role/i,
    'credentials',
    'it refuses user name, password, Kg key or rights; correct ipmi_username, ipmi_password, ipmi_hex_kg_key and ipmi_priv_level',
  ],
  [
    /Activate Session (error|command failed)|Invalid (user name|password)|Authentication type .* not supported/i,
    'credentials',
    'it refuses user name or password; correct ipmi_username and ipmi_password',
  ],
  [/algorithm|cipher suite/i, 'settings', 'it does not have that way to protect a session; set ipmi_cipher_suite to one that it has'],
]

/** The BMC lacks the cipher suite that was asked for, so another may be tried. */
export const otherCipher = ({ err }: Ended): boolean => !/RAKP/.test(err) && /algorithm|cipher suite/i.test(err)

const UNSESSIONED = /Unable to establish|Could not open socket|Error: Unable to|Get Auth Capabilities error/i

/** Completion codes (IPMI 2.0, table 5-2) by number and by ipmitool's word for them. */
const CODES: readonly (readonly [RegExp, BmcFault, string])[] = [
  [
    /rsp=0xd4|Insufficient privilege/i,
    'credentials',
    'The account lacks the right to do that. Give it the role administrator on the BMC, or raise ipmi_priv_level.',
  ],
  [
    /rsp=0x(c0|c3|ce|cf|d0|d1|d2)|Node busy|Timeout while processing|initialization in progress|in update mode|Duplicated request/i,
    'busy',
    'Try again later.',
  ],
  [
    /rsp=0xd5|not supported in present state|parameter.*illegal in present state/i,
    'refused',
    'It understood the request and will not do it in its present state.',
  ],
  [
    /rsp=0x(80|c1|c2|c4|c7|c8|c9|cb|cc|cd|d3|d6)|Invalid command|Invalid data field|Request data (length|field)|Parameter out of range|not found|Illegal command|sub-function|not present|not supported/i,
    'unsupported',
    'This BMC cannot do that.',
  ],
  [/rsp=0x[0-9a-f]{2}|Unspecified error|Unknown \(0x/i, 'refused', 'It did not say why; its own web page may.'],
]

/** No session, so nothing was asked of the machine. */
export const sessionFault = (target: Target, ended: Ended): BmcError | null => {
  if (ended.late || !UNSESSIONED.test(ended.err)) return null
  for (const [says, fault, advice] of NO_SESSION)
    if (says.test(ended.err)) return new BmcError(fault, `The BMC at ${target.name} lets nobody in: ${advice}.`)
  const message = `The BMC at ${target.name} does not answer. Check that it has power and network, that ipmi_address and ipmi_port are right, and that IPMI over LAN is switched on.`
  return new BmcError('unreachable', message)
}

/** What ipmitool finds out for itself when a session begins and ends; no answer to what was asked. */
const ASIDE = /^(Invalid completion code received|Get HPM|Running Get|Discovered|Loading|Close Session|RAW )/

/** A run that failed within a session. `writes`: it asked for a change, which may have come about. */
export const commandFault = (target: Target, what: string, ended: Ended, writes: boolean): BmcError => {
  const said = `${ended.err}\n${ended.out}`.split('\n').filter(line => !ASIDE.test(line))
  for (const [says, fault, advice] of ended.late ? [] : CODES) {
    const line = said.find(each => says.test(each))
    if (line === undefined) continue
    return new BmcError(fault, `The BMC at ${target.name} did not do "${what}". It says: "${plain(line)}" ${advice}`)
  }
  const sure = writes ? ' Whether it was done is not known.' : ''
  return new BmcError('unreachable', `The BMC at ${target.name} did not answer to "${what}" in time.${sure} Check its network.`, {
    uncertain: writes,
  })
}

export const garbled = (target: Target, what: string): BmcError =>
  new BmcError(
    'garbled',
    `The BMC at ${target.name} answered "${what}" with something that makes no sense. Update its firmware or reset it if that stays so.`,
  )

/** What was said after the last colon of ipmitool's line, in one line and not too long. */
const plain = (line: string): string =>
  (/:\s*([^:]+)$/.exec(line.trim())?.[1] ?? line)
    .replace(/[\x00-\x1f\x7f"]+/g, ' ')
    .trim()
    .slice(0, 200)

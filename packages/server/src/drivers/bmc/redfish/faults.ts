import { BmcError, type BmcFault } from '../driver.ts'
import { isObject, list, str } from './resource.ts'

/** What a BMC says in an error's extended information: the machine's name for it, and the sentence. */
export interface Said {
  readonly ids: readonly string[]
  readonly text: string
}

export const said = (body: unknown): Said => {
  const infos = [...list(body, 'error', '@Message.ExtendedInfo'), ...list(body, '@Message.ExtendedInfo')].filter(isObject)
  const ids = [str(body, 'error', 'code'), ...infos.map(info => str(info, 'MessageId') ?? str(info, 'MessageID'))].filter(id => id !== null)
  const texts = infos.map(info => str(info, 'Message')).filter(text => text !== null)
  const text = texts.length > 0 ? texts.join(' ') : (str(body, 'error', 'message') ?? '')
  return { ids, text: plain(text) }
}

/** One line without control characters, cut to what a person reads. */
const plain = (text: string): string =>
  text
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300)

// Message names of the Base registry and of vendors, without prefix and version. The first that fits decides.
const BY_MESSAGE: readonly (readonly [RegExp, BmcFault])[] = [
  [/PasswordChangeRequired$/, 'credentials'],
  [/(SessionLimitExceeded|ResourceInUse|ServiceTemporarilyUnavailable|ServiceShuttingDown|ServiceInUnknownState)$/, 'busy'],
  [/(SystemPOST|ServerInPOST|PowerOperationInProgress|SystemResetting|ResourceInStandby|OperationTimeout)$/, 'busy'],
  [/(ActionNotSupported|PropertyNotWritable|PropertyUnknown|UnsupportedOperation|QueryNotSupported)$/, 'unsupported'],
]

const BY_STATUS: Readonly<Record<number, BmcFault>> = {
  404: 'unsupported',
  405: 'unsupported',
  410: 'unsupported',
  501: 'unsupported',
  429: 'busy',
}

/** The fault behind an answer other than success. */
export const faultOf = (status: number, { ids }: Said): BmcFault => {
  for (const [name, fault] of BY_MESSAGE) if (ids.some(id => name.test(id))) return fault
  return BY_STATUS[status] ?? (status >= 500 ? 'busy' : 'refused')
}

const MEANS: Readonly<Record<BmcFault, string>> = {
  settings: 'Correct its settings.',
  unreachable: 'Check that it has power and network.',
  certificate: 'Check redfish_verify_ca.',
  credentials: 'Log in to it by hand and set a new password there and in redfish_password.',
  busy: 'Try again later.',
  refused: 'It understood the request and will not do it in its present state.',
  unsupported: 'This BMC cannot do that.',
  garbled: 'Update its firmware or reset it if that stays so.',
}

export const refusal = (origin: string, what: string, status: number, body: unknown, after: string | null): BmcError => {
  const words = said(body)
  const fault = faultOf(status, words)
  const why = words.text === '' ? '' : ` It says: "${words.text}"`
  const when = fault === 'busy' && after !== null && /^\d{1,6}$/.test(after) ? `Try again in ${after} s.` : MEANS[fault]
  return new BmcError(fault, `The BMC at ${origin} answered ${status} to ${what}.${why} ${when}`)
}

export const unsupported = (origin: string, what: string): BmcError => new BmcError('unsupported', `The BMC at ${origin} ${what}.`)

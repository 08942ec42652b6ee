/** Ironic's provision states as data. Source: the Bare Metal service's published state machine and API reference. */
import type { Version } from '../define.ts'

/** What follows what: state → event → state. */
export const transitions = {
  active: { rebuild: 'deploying', delete: 'deleting', rescue: 'rescuing', service: 'servicing' },
  'adopt failed': { adopt: 'adopting', manage: 'manageable' },
  adopting: { done: 'active', fail: 'adopt failed' },
  available: { deploy: 'deploying', manage: 'manageable' },
  'clean failed': { manage: 'manageable' },
  'clean hold': { abort: 'clean failed', unhold: 'clean wait' },
  'clean wait': { fail: 'clean failed', abort: 'clean failed', hold: 'clean hold', resume: 'cleaning' },
  cleaning: { done: 'available', fail: 'clean failed', wait: 'clean wait', hold: 'clean hold', manage: 'manageable' },
  deleting: { fail: 'error', clean: 'cleaning' },
  'deploy failed': { rebuild: 'deploying', deploy: 'deploying', delete: 'deleting' },
  'deploy hold': { unhold: 'wait call-back', abort: 'deploy failed' },
  deploying: { fail: 'deploy failed', wait: 'wait call-back', hold: 'deploy hold', done: 'active' },
  enroll: { manage: 'verifying' },
  error: { rebuild: 'deploying', delete: 'deleting' },
  'inspect failed': { manage: 'manageable', inspect: 'inspecting' },
  'inspect wait': { done: 'manageable', fail: 'inspect failed', abort: 'inspect failed', resume: 'inspecting' },
  inspecting: { done: 'manageable', fail: 'inspect failed', wait: 'inspect wait' },
  manageable: { provide: 'cleaning', clean: 'cleaning', inspect: 'inspecting', adopt: 'adopting' },
  rescue: { rescue: 'rescuing', delete: 'deleting', unrescue: 'unrescuing' },
  'rescue failed': { rescue: 'rescuing', unrescue: 'unrescuing', delete: 'deleting' },
  'rescue wait': { resume: 'rescuing', fail: 'rescue failed', abort: 'rescue failed', delete: 'deleting' },
  rescuing: { done: 'rescue', wait: 'rescue wait', fail: 'rescue failed' },
  'service failed': {
    service: 'servicing',
    rescue: 'rescuing',
    wait: 'service wait',
    hold: 'service hold',
    delete: 'deleting',
    abort: 'active',
  },
  'service hold': { service: 'servicing', unhold: 'service wait', fail: 'service failed', abort: 'service failed' },
  'service wait': { hold: 'service hold', resume: 'servicing', fail: 'service failed', abort: 'service failed', delete: 'deleting' },
  servicing: { done: 'active', fail: 'service failed', wait: 'service wait', hold: 'service hold' },
  'unrescue failed': { rescue: 'rescuing', unrescue: 'unrescuing', delete: 'deleting' },
  unrescuing: { done: 'active', fail: 'unrescue failed' },
  verifying: { done: 'manageable', fail: 'enroll' },
  'wait call-back': { hold: 'deploy hold', resume: 'deploying', fail: 'deploy failed', abort: 'deploy failed', delete: 'deleting' },
} as const satisfies Record<string, Record<string, string>>

export type ProvisionState = keyof typeof transitions

export const isProvisionState = (text: string): text is ProvisionState => Object.hasOwn(transitions, text)

/** The state that an event leads to; undefined where it leads nowhere. */
export const next = (state: string, event: string): ProvisionState | undefined => {
  const events: Readonly<Record<string, string>> | undefined = isProvisionState(state) ? transitions[state] : undefined
  return events && Object.hasOwn(events, event) ? (events[event] as ProvisionState) : undefined
}

/** States that stay until somebody asks for another one. */
export const stable: ReadonlySet<string> = new Set(['enroll', 'manageable', 'available', 'active', 'error', 'rescue'])

/** What a state that is not stable is on its way to, unless a request said otherwise. */
export const targets: Readonly<Record<string, ProvisionState>> = {
  verifying: 'manageable',
  deploying: 'active',
  'wait call-back': 'active',
  'deploy failed': 'active',
  'deploy hold': 'active',
  cleaning: 'available',
  'clean wait': 'available',
  'clean failed': 'available',
  'clean hold': 'available',
  deleting: 'available',
  inspecting: 'manageable',
  'inspect failed': 'manageable',
  'inspect wait': 'manageable',
  adopting: 'active',
  'adopt failed': 'active',
  rescuing: 'rescue',
  'rescue wait': 'rescue',
  'rescue failed': 'rescue',
  unrescuing: 'active',
  'unrescue failed': 'active',
  servicing: 'active',
  'service wait': 'active',
  'service failed': 'active',
  'service hold': 'active',
}

export interface Verb {
  /** The event of the table that it is. */
  readonly event: string
  readonly since: Version
}

/** What a client may ask for by `PUT …/states/provision {"target": …}`. */
export const verbs: Readonly<Record<string, Verb>> = {
  active: { event: 'deploy', since: 1 },
  deploy: { event: 'deploy', since: 73 },
  rebuild: { event: 'rebuild', since: 1 },
  deleted: { event: 'delete', since: 1 },
  undeploy: { event: 'delete', since: 73 },
  manage: { event: 'manage', since: 4 },
  provide: { event: 'provide', since: 4 },
  inspect: { event: 'inspect', since: 6 },
  abort: { event: 'abort', since: 13 },
  clean: { event: 'clean', since: 15 },
  adopt: { event: 'adopt', since: 17 },
  rescue: { event: 'rescue', since: 38 },
  unrescue: { event: 'unrescue', since: 38 },
  unhold: { event: 'unhold', since: 85 },
  service: { event: 'service', since: 87 },
}

/** `abort` came to some states later than to others. */
export const abortSince: Readonly<Record<string, Version>> = { 'inspect wait': 41, 'wait call-back': 110 }

/** States on the way to another one in which a node may be edited all the same. */
export const editable: ReadonlySet<string> = new Set([
  'deploy failed',
  'inspecting',
  'inspect failed',
  'inspect wait',
  'clean failed',
  'error',
  'verifying',
  'adopt failed',
  'rescue failed',
  'unrescue failed',
  'service hold',
  'service failed',
])

/** States in which a node may be deleted without maintenance. Available ones as well, as Ironic's default has it. */
export const deletable: ReadonlySet<string> = new Set(['manageable', 'enroll', 'adopt failed', 'available'])

/** States that change without anybody asking. */
export const moving: ReadonlySet<string> = new Set([
  'deploying',
  'wait call-back',
  'cleaning',
  'clean wait',
  'verifying',
  'deleting',
  'inspecting',
  'inspect wait',
  'adopting',
  'rescuing',
  'rescue wait',
  'unrescuing',
  'servicing',
  'service wait',
])

/** Power as the API names it, and what each may be asked as. */
export const power = {
  'power on': { driver: 'on', leads: 'power on', since: 1 },
  'power off': { driver: 'off', leads: 'power off', since: 1 },
  rebooting: { driver: 'reboot', leads: 'power on', since: 1 },
  'soft power off': { driver: 'soft off', leads: 'power off', since: 27 },
  'soft rebooting': { driver: 'soft reboot', leads: 'power on', since: 27 },
} as const

export type PowerTarget = keyof typeof power
export const isPowerTarget = (text: string): text is PowerTarget => Object.hasOwn(power, text)

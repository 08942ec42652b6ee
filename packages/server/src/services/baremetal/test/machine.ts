/**
 * Ironic's provision state machine as its own code has it (ironic/common/state_machine.py and states.py, August 2026): one state a line,
 * with what leads where.
 */
const TRANSITIONS = `
active: delete → deleting, rebuild → deploying, rescue → rescuing, service → servicing
adopt failed: adopt → adopting, manage → manageable
adopting: done → active, fail → adopt failed
available: deploy → deploying, manage → manageable
clean failed: manage → manageable
clean hold: abort → clean failed, unhold → clean wait
clean wait: abort → clean failed, fail → clean failed, hold → clean hold, resume → cleaning
cleaning: done → available, fail → clean failed, hold → clean hold, manage → manageable, wait → clean wait
deleting: clean → cleaning, fail → error
deploy failed: delete → deleting, deploy → deploying, rebuild → deploying
deploy hold: abort → deploy failed, unhold → wait call-back
deploying: done → active, fail → deploy failed, hold → deploy hold, wait → wait call-back
enroll: manage → verifying
error: delete → deleting, rebuild → deploying
inspect failed: inspect → inspecting, manage → manageable
inspect wait: abort → inspect failed, done → manageable, fail → inspect failed, resume → inspecting
inspecting: done → manageable, fail → inspect failed, wait → inspect wait
manageable: adopt → adopting, clean → cleaning, inspect → inspecting, provide → cleaning
rescue: delete → deleting, rescue → rescuing, unrescue → unrescuing
rescue failed: delete → deleting, rescue → rescuing, unrescue → unrescuing
rescue wait: abort → rescue failed, delete → deleting, fail → rescue failed, resume → rescuing
rescuing: done → rescue, fail → rescue failed, wait → rescue wait
service failed: abort → active, delete → deleting, hold → service hold, rescue → rescuing, service → servicing, wait → service wait
service hold: abort → service failed, fail → service failed, service → servicing, unhold → service wait
service wait: abort → service failed, delete → deleting, fail → service failed, hold → service hold, resume → servicing
servicing: done → active, fail → service failed, hold → service hold, wait → service wait
unrescue failed: delete → deleting, rescue → rescuing, unrescue → unrescuing
unrescuing: done → active, fail → unrescue failed
verifying: done → manageable, fail → enroll
wait call-back: abort → deploy failed, delete → deleting, fail → deploy failed, hold → deploy hold, resume → deploying
`

/** What is on its way to something, as `target_provision_state` has it unless a request says otherwise. */
const TARGETS = `
active: adopting, adopt failed, deploying, deploy failed, deploy hold, wait call-back, servicing, service failed, service hold, service wait, unrescuing, unrescue failed
available: cleaning, clean failed, clean hold, clean wait, deleting
manageable: inspecting, inspect failed, inspect wait, verifying
rescue: rescuing, rescue failed, rescue wait
`

const lines = (text: string): [string, string[]][] =>
  text
    .trim()
    .split('\n')
    .map(line => {
      const [name, rest] = line.split(': ')
      return [name!, rest!.split(', ')]
    })

export const machine: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(
  lines(TRANSITIONS).map(([state, ways]) => [state, Object.fromEntries(ways.map(way => way.split(' → ')))]),
)

export const machineTargets: Readonly<Record<string, string>> = Object.fromEntries(
  lines(TARGETS).flatMap(([target, states]) => states.map(state => [state, target])),
)

export const machineStable = ['active', 'available', 'enroll', 'error', 'manageable', 'rescue']

/** What a client's `target` means, where it is not the event of that name, and since which microversion it may be asked for. */
export const machineVerbs: Readonly<Record<string, readonly [event: string, since: number]>> = {
  active: ['deploy', 1],
  deploy: ['deploy', 73],
  rebuild: ['rebuild', 1],
  deleted: ['delete', 1],
  undeploy: ['delete', 73],
  manage: ['manage', 4],
  provide: ['provide', 4],
  inspect: ['inspect', 6],
  abort: ['abort', 13],
  clean: ['clean', 15],
  adopt: ['adopt', 17],
  rescue: ['rescue', 38],
  unrescue: ['unrescue', 38],
  unhold: ['unhold', 85],
  service: ['service', 87],
}

/** A conductor that dies in one of these leaves the node failed: it has the node's lock from their beginning to their end. */
export const locked = ['deploying', 'cleaning', 'verifying', 'inspecting', 'adopting', 'rescuing', 'unrescuing', 'deleting', 'servicing']

/** States on the way to others in which a node may be changed. */
export const updatable = [
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
]

export interface Standing {
  readonly state: string
  readonly target: string | null
}

/**
 * One event, as its task manager takes it: a target that was reached is gone, a state that has one of its own sets it, a target given
 * by whoever asks wins, and a state that stays has none.
 */
export const process = ({ state, target }: Standing, event: string, given?: string): Standing | undefined => {
  const to = machine[state]?.[event]
  if (to === undefined) return undefined
  if (machineStable.includes(to)) return { state: to, target: null }
  return { state: to, target: given ?? machineTargets[to] ?? target }
}

/** What a client's verb does to a node that nobody has locked: 400 where it leads nowhere. */
export const asks = ({ state, target }: Standing, verb: string): Standing | undefined => {
  const event = machineVerbs[verb]![0]
  // Cleaning by hand goes back to where it came from, also when it is aborted; an aborted service fails first, and then is over.
  if (event === 'clean') return process({ state, target }, event, 'manageable')
  // The original forgets that when a hold ends, so that the node would become available behind its owner's back; not so here.
  if ((event === 'abort' || event === 'unhold') && state.startsWith('clean'))
    return process({ state, target }, event, target === 'manageable' ? target : undefined)
  if (event === 'abort' && (state === 'service wait' || state === 'service hold'))
    return process(process({ state, target }, 'fail')!, event)
  return process({ state, target }, event)
}

import { BmcError, type Power, type PowerAction } from '../driver.ts'
import { unsupported } from './faults.ts'
import { type Machine, parameterOf, reread } from './machine.ts'
import { action, type Json, str } from './resource.ts'

/** Ways to do it, best first, in the words of ResetType; two words are two steps with waiting for power off between. */
const WAYS: Readonly<Record<PowerAction, Readonly<Record<Power, readonly (readonly string[])[]>>>> = {
  on: { on: [], off: [['On'], ['ForceOn'], ['PushPowerButton']] },
  off: { off: [], on: [['ForceOff']] },
  'soft off': { off: [], on: [['GracefulShutdown'], ['PushPowerButton']] },
  reboot: { off: [['On'], ['ForceOn'], ['PushPowerButton']], on: [['ForceRestart'], ['PowerCycle'], ['ForceOff', 'On']] },
  'soft reboot': { off: [['On'], ['ForceOn'], ['PushPowerButton']], on: [['GracefulRestart'], ['GracefulShutdown', 'On']] },
}

/**
 * What PowerState comes down to. A machine that is going off still runs, and whoever waits for "off" must not be told so before it
 * is; one that is coming on already does.
 */
const STATES: Readonly<Record<string, Power>> = { On: 'on', PoweringOn: 'on', PoweringOff: 'on', Paused: 'on', Off: 'off' }

export const powerOf = (origin: string, system: Json): Power => {
  const state = str(system, 'PowerState')
  const power = state === null ? undefined : STATES[state]
  if (power !== undefined) return power
  if (state === null)
    throw new BmcError('busy', `The BMC at ${origin} does not say whether the machine is on. It may be starting; try again later.`)
  throw new BmcError('garbled', `The BMC at ${origin} reports a power state that is not known: "${state.slice(0, 40)}".`)
}

export const setPower = async (m: Machine, wanted: PowerAction): Promise<void> => {
  const { origin } = m.link.target
  const state = str(m.system.body, 'PowerState')
  const power = powerOf(origin, m.system.body)
  if (state === 'PoweringOff' && wanted === 'on')
    throw new BmcError('busy', `The machine behind ${origin} is just going off. Ask for power on again once it is off.`)
  if (state === 'PoweringOff' && wanted === 'soft off') return
  if (wanted === power) return
  const ways = WAYS[wanted][power]
  if (ways.length === 0) return
  const offered = await resetTypes(m)
  const way = ways.find(steps => steps.every(step => offered === undefined || offered.includes(step)))
  if (way === undefined) throw unsupported(origin, `offers no way to do "${wanted}", only ${offered?.join(', ') || 'nothing'}`)
  for (const [index, step] of way.entries()) {
    if (index > 0) await untilOff(m, wanted)
    await reset(m, step)
  }
}

/** Asks for one ResetType. */
export const reset = async (m: Machine, type: string): Promise<void> => {
  const { origin } = m.link.target
  const found = action(m.system.body, '#ComputerSystem.Reset')
  if (found === null) throw unsupported(origin, 'has no reset action, so it cannot switch the machine')
  const before = str(m.system.body, 'LastResetTime')
  const done = async () => {
    const { body } = await reread(m)
    const state = str(body, 'PowerState')
    if (type === 'On' || type === 'ForceOn') return state === 'On' || state === 'PoweringOn'
    if (type === 'ForceOff') return state === 'Off' || state === 'PoweringOff'
    if (type === 'GracefulShutdown') return state === 'Off' || state === 'PoweringOff'
    // A restart leaves no other trace, and a button pressed twice is not pressed.
    const after = str(body, 'LastResetTime')
    return before !== null && after !== null && after !== before
  }
  await m.link.post(found.target, { ResetType: type }, m.call, { done })
}

/** ResetTypes that the BMC takes, or undefined where it does not say. */
const resetTypes = async (m: Machine): Promise<readonly string[] | undefined> => {
  const found = action(m.system.body, '#ComputerSystem.Reset')
  if (found === null) return []
  return (await parameterOf(m, found.body, 'ResetType')).values
}

const untilOff = async (m: Machine, wanted: PowerAction): Promise<void> => {
  const { limits, millis } = m.link.options
  const until = millis() + limits.shutdown
  while (str((await reread(m)).body, 'PowerState') !== 'Off') {
    if (millis() >= until) {
      const message = `The machine behind ${m.link.target.origin} did not go off within ${Math.round(limits.shutdown / 1000)} s, so "${wanted}" was not finished.`
      throw new BmcError('busy', `${message} Ask for "reboot" to force it.`)
    }
    await m.link.wait(2_000, m.call)
  }
}

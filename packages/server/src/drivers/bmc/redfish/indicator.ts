import { unsupported } from './faults.ts'
import { type Machine, related } from './machine.ts'
import { at, type Json, type Resource, str } from './resource.ts'

type State = 'on' | 'off' | 'blinking'

const LED: Readonly<Record<string, State>> = { Lit: 'on', Off: 'off', Blinking: 'blinking' }
const WORD: Readonly<Record<State, string>> = { on: 'Lit', off: 'Off', blinking: 'Blinking' }

const stateOf = (body: Json): State | null => {
  const active = at(body, 'LocationIndicatorActive')
  const led = LED[str(body, 'IndicatorLED') ?? '']
  return led ?? (typeof active === 'boolean' ? (active ? 'on' : 'off') : null)
}

/** The system if it has a light, else the chassis that does. */
const lit = async (m: Machine): Promise<Resource> => {
  if (stateOf(m.system.body) !== null) return m.system
  const chassis = (await related(m, 'Chassis')).find(({ body }) => stateOf(body) !== null)
  if (chassis === undefined) throw unsupported(m.link.target.origin, 'has no light to find the machine by')
  return chassis
}

export const indicator = async (m: Machine): Promise<State> => stateOf((await lit(m)).body) ?? 'off'

export const setIndicator = async (m: Machine, state: State): Promise<void> => {
  const place = await lit(m)
  if (stateOf(place.body) === state) return
  const old = str(place.body, 'IndicatorLED') !== null
  // The newer property has no word for blinking: it means "show where you are".
  const change = old ? { IndicatorLED: WORD[state] } : { LocationIndicatorActive: state !== 'off' }
  if (!old && at(place.body, 'LocationIndicatorActive') === (state !== 'off')) return
  const done = async () => stateOf((await m.link.get(place.path, m.call)).body) === (old ? state : state === 'off' ? 'off' : 'on')
  await m.link.patch(place.path, change, m.call, { done, of: place })
}

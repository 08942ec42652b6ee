import { describe, expect, it } from 'vitest'
import { compose } from './compose.ts'
import type { SeamDef, ServiceDef } from './service.ts'

const kit = {} as never

/** A service whose door says its name and shows what it was given. */
const def = (name: string, needs: ServiceDef['needs']): ServiceDef =>
  ({
    name,
    needs,
    config: () => ({}),
    start: (_kit: unknown, _config: unknown, given: object) => ({ routes: [], conductors: [], door: { name, given } }),
  }) as unknown as ServiceDef

const seam = (consumer: string, need: string, provider: string): SeamDef => ({
  name: provider,
  consumer,
  need,
  provider,
  make: (door: { name: string }) => ({ from: door.name }),
})

const put = (services: readonly ServiceDef[], seams: readonly SeamDef[]) =>
  compose({ services, seams, choose: {}, kitFor: () => kit, configFor: () => undefined })

describe('services that need each other', () => {
  const seams = [seam('a', 'of b', 'b'), seam('b', 'of a', 'a')]

  it('cannot begin with each other', () => {
    expect(() => put([def('a', { 'of b': 'required' }), def('b', { 'of a': 'required' })], seams)).toThrow('in a ring: a -> b -> a')
  })

  it('are given what may come late as a function, which gives the same thing each time', () => {
    const running = put([def('a', { 'of b': 'late' }), def('b', { 'of a': 'required' })], seams)
    const { given } = running.get('a')!.door as { given: Record<string, () => object> }
    expect(given['of b']!()).toEqual({ from: 'b' })
    expect(given['of b']!()).toBe(given['of b']!())
    expect((running.get('b')!.door as { given: object }).given).toEqual({ 'of a': { from: 'a' } })
  })

  it('do without it where nobody gives it', () => {
    const running = put([def('a', { 'of b': 'late' })], seams)
    expect((running.get('a')!.door as { given: object }).given).toEqual({})
  })
})

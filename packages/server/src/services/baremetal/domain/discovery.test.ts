import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressesOf, badPattern, nameBy, sharedLom, shownAddress } from './discovery.ts'

const all = (...ranges: string[]) => addressesOf(ranges, 4096).map(shownAddress)

describe('ranges', () => {
  it.each([
    ['10.0.0.5', ['10.0.0.5']],
    ['10.0.0.254-10.0.1.1', ['10.0.0.254', '10.0.0.255', '10.0.1.0', '10.0.1.1']],
    ['10.0.0.7-9', ['10.0.0.7', '10.0.0.8', '10.0.0.9']],
    ['10.0.0.5/30', ['10.0.0.5', '10.0.0.6']],
    ['10.0.0.4/31', ['10.0.0.4', '10.0.0.5']],
    ['10.0.0.4/32:8443', ['10.0.0.4:8443']],
    ['127.1.0.1-127.1.0.2:8443', ['127.1.0.1:8443', '127.1.0.2:8443']],
    ['fd00::5', ['fd00::5']],
    ['[FD00::5]:8443', ['[fd00::5]:8443']],
  ])('%s', (range, expected) => expect(all(range)).toEqual(expected))

  it('are each address once', () =>
    expect(all('10.0.0.1-2', '10.0.0.2-3', '10.0.0.2:80')).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.2:80']))

  it.each([
    ['10.0.0.5-10.0.0.4', 'ends before it begins'],
    ['10.0.0.256', 'no range'],
    ['10.0.0.1/33', 'no range'],
    ['bmc1.example', 'no range'],
    ['', 'no range'],
    ['10.0.0.1:0', 'port'],
    ['10.0.0.1:70000', 'port'],
    ['0.0.0.0/0', '4096'],
    ['10.0.0.0/19', '4096'],
  ])('%s is refused', (range, words) => expect(() => all(range)).toThrow(words))

  it('of any kind are refused or no more than may be', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[\d.]{1,16}[-/]?[\d.]{0,16}(:\d{1,6})?$/))), ranges => {
        try {
          expect(addressesOf(ranges, 64).length).toBeLessThanOrEqual(64)
        } catch (e) {
          expect((e as Error).constructor.name).toBe('BadRange')
        }
      }),
    )
  })
})

describe('a shared network card', () => {
  const nics = ['d0:94:66:00:00:10', 'd0:94:66:00:00:11', 'd0:94:66:00:00:12']
  it('has the address of the BMC', () =>
    expect([...sharedLom(nics, ['d0:94:66:00:00:11'])]).toEqual([['d0:94:66:00:00:11', 'same address']]))
  it('is the next one of the same board', () =>
    expect([...sharedLom(nics, ['d0:94:66:00:00:14'])]).toEqual([['d0:94:66:00:00:12', 'neighbour']]))
  it('is none far away, of another maker, or where the BMC says nothing', () => {
    expect(sharedLom(nics, ['d0:94:66:00:01:14']).size).toBe(0)
    expect(sharedLom(nics, ['d0:94:67:00:00:13']).size).toBe(0)
    expect(sharedLom(nics, []).size).toBe(0)
  })
})

describe('names', () => {
  const where = { host: '10.0.0.5', port: 8443 }
  it.each([
    [undefined, 'ABC 123/x', 'abc-123-x'],
    [undefined, null, 'bmc-10-0-0-5-8443'],
    [undefined, '___', 'bmc-10-0-0-5-8443'],
    ['rack1-{n}', 'S1', 'rack1-3'],
    ['{serial}.{address}', 'S1', 's1.10-0-0-5-8443'],
  ])('%s of %s', (pattern, serial, expected) => expect(nameBy(pattern, { serial, where, n: 3 })).toBe(expected))
  it('have no other placeholders', () => {
    expect(badPattern('{serail}')).toContain('{serial}')
    expect(badPattern('r-{n}-{address}-{serial}')).toBeUndefined()
  })
})

import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { complete } from './complete.ts'
import { entries } from './entries.ts'
import { main } from './main.ts'

const run = async (...words: string[]): Promise<{ status: number; out: string; err: string }> => {
  let out = ''
  let err = ''
  const terminal = {
    out(text: string) {
      out += text
    },
    err(text: string) {
      err += text
    },
    width: 0,
    attended: false,
    keys: Readable.from([]),
    screen: new PassThrough(),
    environment: {},
    signal: new AbortController().signal,
  }
  return { status: await main(words, terminal), out, err }
}

describe('the commands', () => {
  it('have words of their own', () => {
    const words = entries.map(e => e.words)
    expect(words).toEqual([...new Set(words)])
  })

  it('are those of the lease client of the original', () => {
    const original = [
      'console auth token create',
      'console auth token delete',
      'event list',
      'lease create',
      'lease delete',
      'lease list',
      'lease show',
      'lease update',
      'mdc lease list',
      'mdc offer claim',
      'mdc offer list',
      'node list',
      'offer claim',
      'offer create',
      'offer delete',
      'offer list',
      'offer show',
    ]
    expect(entries.map(e => e.words)).toEqual(expect.arrayContaining(original))
  })

  it.each(entries.map(e => [e.words, e] as const))(
    '%s says of itself what the list says of it, and explains itself',
    async (words, entry) => {
      expect((await entry.load()).brief).toBe(entry.brief)
      const { status, out } = await run(...words.split(' '), '--help')
      expect(status).toBe(0)
      expect(out).toContain(`Usage: esi ${words}`)
    },
  )

  it('are listed below the words that begin them', async () => {
    const { status, out } = await run('offer')
    expect(status).toBe(2)
    expect(out).toContain('esi offer claim')
    expect(out).not.toContain('esi lease')
    expect((await run('--help')).out).not.toContain('claimant')
  })

  it('are completed word by word, then option by option', async () => {
    expect(await complete(entries, ['offer'])).toEqual(['claim', 'create', 'delete', 'list', 'show'])
    expect(await complete(entries, ['node', 'power'])).toEqual(['off', 'on'])
    expect(await complete(entries, ['offer', 'claim'])).toEqual(expect.arrayContaining(['--end-time', '--wait', '--dry-run', '--os-cloud']))
  })

  it('say which is meant when one is misspelt', async () => {
    expect((await run('offer', 'lst')).err).toContain('Did you mean "offer list"?')
  })

  it('say what is missing to log in', async () => {
    const { status, err } = await run('--os-cloud', 'nobody', 'offer', 'list')
    expect(status).toBe(1)
    expect(err).toContain('nobody')
  })

  it('say what they could have been, also with arguments behind them', async () => {
    expect(await run('node', 'powr', 'on', 'dell2')).toMatchObject({
      status: 2,
      err: expect.stringContaining('Did you mean "node power on"?'),
    })
    expect((await run('node', 'power', 'cycle', 'dell2')).err).toBe(
      '"esi node power cycle dell2" is no command. "esi node power" goes on with on, off.\n',
    )
  })
})

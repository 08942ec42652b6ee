import { ApiError } from '@esi/client'
import { describe, expect, it } from 'vitest'
import type { Face } from '../../../command.ts'
import { addressOf } from './address.ts'

type Answers = Readonly<Record<string, unknown>>

/** Services that answer so, by type, method and path; an error is thrown, everything else is missing. */
const site = (answers: Answers) => {
  const asked: string[] = []
  const call = async (type: string, _dialect: unknown, { method, path }: { method: string; path: string }) => {
    const key = `${type} ${method} ${path}`
    asked.push(key)
    const body = answers[key] ?? new ApiError(404, 'not found', undefined, undefined)
    if (body instanceof Error) throw body
    return { status: 200, headers: {}, body, requestId: undefined }
  }
  const face = { session: async () => ({ call }), progress() {}, signal: new AbortController().signal } as unknown as Face
  return { face, asked }
}
const LOOK = 'baremetal GET /v1/nodes/n1/states/console'
const ENABLE = 'baremetal PUT /v1/nodes/n1/states/console'
const TOKEN = 'lease POST /v1/console_auth_tokens'
const socat = { console_enabled: true, console_info: { type: 'socat', url: 'tcp://10.0.0.1:9000' } }
const proxy = { access_url: 'wss://proxy/?token=t' }

describe('the way to a console', () => {
  it('is the address that the bare-metal service gives', async () => {
    const info = { type: 'websocket', url: 'wss://site/baremetal/v1/consoles?token=t' }
    const { face, asked } = site({ [LOOK]: { console_enabled: true, console_info: info } })
    expect((await addressOf(face, 'n1', true)).url).toBe(info.url)
    // One that is on is not switched on again.
    expect(asked).toEqual([LOOK])
  })

  it('goes through the leasing service where Ironic has it elsewhere, or does not show the node', async () => {
    expect((await addressOf(site({ [LOOK]: socat, [TOKEN]: proxy }).face, 'n1', false)).url).toBe(proxy.access_url)
    expect((await addressOf(site({ [TOKEN]: proxy }).face, 'n1', false)).url).toBe(proxy.access_url)
  })

  it('is nowhere: it is said why, in the words of whoever knows', async () => {
    const none = new ApiError(503, 'No console proxy is known.', undefined, undefined)
    await expect(addressOf(site({ [LOOK]: socat, [TOKEN]: none }).face, 'n1', false)).rejects.toThrow(
      'The console of n1 is at tcp://10.0.0.1:9000 (socat), and there is no proxy to it: No console proxy is known.',
    )
    // The bare-metal service's own words, not those of the second one that was asked.
    const hidden = new ApiError(404, 'Node n1 could not be found.', undefined, undefined)
    await expect(addressOf(site({ [LOOK]: hidden, [TOKEN]: none }).face, 'n1', false)).rejects.toBe(hidden)
    const empty = { console_enabled: true, console_info: {} }
    await expect(addressOf(site({ [LOOK]: empty }).face, 'n1', false)).rejects.toThrow('its console interface has nothing to connect to')
  })

  it('is switched on only when that was asked for', async () => {
    const off = { console_enabled: false, console_info: null }
    const asked = site({ [LOOK]: off, [ENABLE]: {} })
    await expect(addressOf(asked.face, 'n1', false)).rejects.toThrow('With --enable it is switched on first.')
    expect(asked.asked).toEqual([LOOK])
    const refusal = new ApiError(400, 'Driver redfish does not support console', undefined, undefined)
    const without = { [LOOK]: off, [ENABLE]: refusal, 'baremetal GET /v1/nodes/n1': { console_interface: 'no-console' } }
    await expect(addressOf(site(without).face, 'n1', true)).rejects.toThrow('its console interface is no-console. "esi node set n1')
    const locked = new ApiError(409, 'Node n1 is locked', undefined, undefined)
    await expect(addressOf(site({ [LOOK]: off, [ENABLE]: locked }).face, 'n1', true)).rejects.toBe(locked)
  })
})

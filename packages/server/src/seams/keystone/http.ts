import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'

export interface Sent {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Parsed where it is JSON. */
  readonly body: any
}

export interface Sending {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** Sends JSON to another service; rejects without an answer in time. */
export type Send = (method: string, url: string, sending?: Sending) => Promise<Sent>

export const sender = (how: { readonly timeout: number; readonly certificates?: string | undefined }): Send => {
  const dispatcher = new Agent({
    connect: { timeout: how.timeout, ...(how.certificates ? { ca: readFileSync(how.certificates, 'utf8') } : {}) },
    headersTimeout: how.timeout,
    bodyTimeout: how.timeout,
  })
  return async (method, url, { headers, body, signal } = {}) => {
    const reply = await request(url, {
      method: method as 'GET',
      dispatcher,
      headers: { accept: 'application/json', ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
    const text = await reply.body.text()
    const json = text !== '' && /json/.test(String(reply.headers['content-type']))
    return { status: reply.statusCode, headers: reply.headers, body: json ? JSON.parse(text) : undefined }
  }
}

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of a request on its way: it arrives or not, its answer arrives or not, or somebody else answers it. */
export type Fate = 'pass' | 'request lost' | 'answer lost' | 'no answer' | { readonly status: number; readonly body?: unknown }

export interface LossyProxy {
  readonly url: string
  /** Requests that came, as `METHOD /path`. */
  readonly seen: string[]
  fate: (asked: string) => Fate
  close(): Promise<void>
}

/** Stands between a client and a server, and lets things go wrong. */
export const lossyProxy = async (to: string): Promise<LossyProxy> => {
  const pass = (from: IncomingMessage, answer: ServerResponse, lose: boolean) => {
    const onward = request(`${to}${from.url}`, { method: from.method, headers: { ...from.headers, host: new URL(to).host } }, reply => {
      if (lose) {
        reply.resume().once('end', () => answer.destroy())
        return
      }
      answer.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(answer)
    })
    onward.once('error', () => answer.destroy())
    from.pipe(onward)
  }
  const server = createServer((from, answer) => {
    const asked = `${from.method} ${from.url!.split('?')[0]}`
    proxy.seen.push(asked)
    const fate = proxy.fate(asked)
    if (fate === 'pass' || fate === 'answer lost') return pass(from, answer, fate === 'answer lost')
    if (fate === 'no answer') return
    if (fate === 'request lost') return void answer.destroy()
    answer.writeHead(fate.status, { 'content-type': 'application/json' })
    answer.end(JSON.stringify(fate.body ?? {}))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const proxy: LossyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    fate: () => 'pass',
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return proxy
}

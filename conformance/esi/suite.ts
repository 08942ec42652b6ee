import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { filled, mismatch } from '../harness/match.ts'
import type { Outcome } from '../harness/outcome.ts'
import { type Site, startSandbox } from '../harness/site.ts'
import { applySkips, type Skips } from '../harness/skips.ts'
import type { Request } from './request.ts'
import { claims, leases } from './rows/leases.ts'
import { offers } from './rows/offers.ts'
import { ends, nodesAndEvents } from './rows/rest.ts'

const PATIENCE = 60_000

/** They follow from each other. */
const requests: readonly Request[] = [...offers, ...claims, ...leases, ...nodesAndEvents, ...ends]

/** What esi's own client asks of the leasing service, sent as it sends it, on a sandbox that is up. */
export const runEsi = async (site: Site, skips: Skips): Promise<Outcome[]> => {
  const kept = times()
  const tokens = new Map<string, string>()
  const outcomes: Outcome[] = []
  for (const [i, request] of requests.entries()) {
    const id = `${i + 1}: ${request.as}: esi ${request.command}`
    if (!tokens.has(request.as)) tokens.set(request.as, await logIn(site, request.as))
    const why = await ask(site, request, tokens.get(request.as)!, kept).catch((e: Error) => e.message)
    outcomes.push(why === undefined ? { id, result: 'passed' } : { id, result: 'failed', why })
  }
  return applySkips(skips, 'esi', outcomes)
}

export const esi = async ({ skips }: { readonly skips: Skips }): Promise<Outcome[]> => {
  const site = await startSandbox()
  try {
    return await runEsi(site, skips)
  } finally {
    await site.stop()
  }
}

const ask = async (site: Site, request: Request, token: string, kept: Map<string, string>): Promise<string | undefined> => {
  const encoded = new Map([...kept].map(([name, value]) => [name, encodeURIComponent(value)]))
  const [method, path] = filled(request.send, encoded).split(' ') as [string, string]
  const body = request.body && filled(JSON.stringify(request.body), kept)
  for (const end = Date.now() + PATIENCE; ; await sleep(200)) {
    const reply = await fetch(`${site.url}${path}`, {
      method,
      headers: {
        'x-auth-token': token,
        accept: method === 'GET' ? 'application/json' : '*/*',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(path.startsWith('/baremetal') ? { 'x-openstack-ironic-api-version': '1.69' } : {}),
      },
      ...(body === undefined ? {} : { body }),
    })
    const wrong = judge(request, reply.status, await reply.text(), kept)
    if (wrong === undefined || !request.until || Date.now() > end) return wrong
  }
}

const judge = (request: Request, status: number, text: string, kept: Map<string, string>): string | undefined => {
  if (status !== request.status) return `answered ${status}, not ${request.status}: ${text}`
  const shown = text === '' ? undefined : JSON.parse(text)
  const wrong = request.shows === undefined ? undefined : mismatch(request.shows, shown, kept)
  if (wrong !== undefined) return wrong
  for (const [name, field] of Object.entries(request.keep ?? {})) kept.set(name, String(shown[field]))
  return undefined
}

/** `$in3h`, `$in5d`: times from now, as the client writes them. */
const times = (): Map<string, string> => {
  const now = Date.now()
  const at = (hours: number) => new Date(now + hours * 3_600_000).toISOString().slice(0, 19)
  return new Map([...[1, 3, 4, 5].map(h => [`in${h}h`, at(h)] as const), ...[3, 5].map(d => [`in${d}d`, at(24 * d)] as const)])
}

const logIn = async (site: Site, name: string): Promise<string> => {
  const { auth } = parse(readFileSync(site.clouds, 'utf8')).clouds[name]
  const reply = await fetch(`${auth.auth_url}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: auth.username, domain: { id: auth.user_domain_id }, password: auth.password } },
        },
        scope: { project: { name: auth.project_name, domain: { id: auth.project_domain_id } } },
      },
    }),
  })
  const token = reply.headers.get('x-subject-token')
  if (!token) throw new Error(`${name} could not log in: ${reply.status} ${await reply.text()}`)
  return token
}

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a site goes wrong. */
export interface Trouble {
  /** So many claims win. */
  winners?: number
  /** Claims are answered so instead of being refused. */
  losers?: number
  /** Losers are shown nothing. */
  mute?: boolean
  /** Leases cannot be deleted. */
  sticky?: boolean
  /** Milliseconds by which its clock is wrong. */
  clock?: number
  password?: string
  roles?: string[]
  /** A service that answers with that status. */
  broken?: { type: string; status: number }
  newest?: number
  /** What its servers say beside every answer. */
  warning?: string
  /** Projects that own two nodes each and are gone, as an administrator sees it. */
  gone?: string[]
  /** Nodes of this conductor group that nobody conducts. */
  unserved?: string
}

/** A site as clients see it, with the trouble that is asked for: to see whether it is found. */
export const openSite = async (trouble: Trouble = {}) => {
  const leases: Record<string, string>[] = []
  const offers = new Map<string, object>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      answer(request.method!, new URL(request.url!, base()), text === '' ? undefined : JSON.parse(text), response)
    })
  })
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
    response
      .writeHead(status, {
        'content-type': 'application/json',
        ...(trouble.warning === undefined ? {} : { 'esi-warning': trouble.warning }),
        date: new Date(Date.now() + (trouble.clock ?? 0)).toUTCString(),
        ...headers,
      })
      .end(JSON.stringify(body))

  const answer = (method: string, url: URL, body: any, response: ServerResponse): unknown => {
    const path = url.pathname
    const type = path.split('/')[1]!
    if (trouble.broken?.type === type) return send(response, trouble.broken.status, {})
    if (path === '/identity/v3/auth/tokens') {
      if (body.auth.identity.password.user.password !== (trouble.password ?? 'right'))
        return send(response, 401, { error: { message: 'The request you have made requires authentication.' } })
      const endpoints = (name: string) => [{ interface: 'public', region: 'RegionOne', url: `${base()}/${name}` }]
      const token = {
        expires_at: '2030-01-01T00:00:00.000000Z',
        user: { id: 'u', name: body.auth.identity.password.user.name },
        project: { id: 'p', name: 'p' },
        roles: (trouble.roles ?? ['member']).map(name => ({ id: name, name })),
        catalog: ['identity', 'baremetal', 'lease'].map(name => ({ type: name, name, endpoints: endpoints(name) })),
      }
      return send(response, 201, { token }, { 'x-subject-token': 't' })
    }
    if (/^\/(identity|lease|baremetal)\/?$/.test(path))
      return send(response, 200, {}, { 'x-openstack-ironic-api-maximum-version': `1.${trouble.newest ?? 999}` })
    if (path === '/baremetal/v1/conductor_groups') {
      const group = { conductor_group: trouble.unserved ?? '', nodes: 2, unserved_nodes: trouble.unserved === undefined ? 0 : 2 }
      return send(response, 200, { conductor_groups: [{ ...group, unserved_drivers: ['redfish'], conductors: [] }] })
    }
    if (path === '/baremetal/v1/nodes' && trouble.gone) {
      const all = ['p', ...trouble.gone].flatMap(owner =>
        ['a', 'b'].map(n => ({ uuid: `${owner}-${n}`, name: `node-${owner}-${n}`, owner })),
      )
      const from = all.findIndex(({ uuid }) => uuid === url.searchParams.get('marker')) + 1
      const page = all.slice(from, from + 3)
      return send(response, 200, { nodes: page, ...(from + 3 < all.length ? { next: `${base()}/next` } : {}) })
    }
    const project = /^\/identity\/v3\/projects\/([^/]+)$/.exec(path)?.[1]
    if (project !== undefined)
      return trouble.gone?.includes(project)
        ? send(response, 404, { error: { message: `Could not find project: ${project}.` } })
        : send(response, 200, { project: { id: project } })
    if (path === '/lease/v1/offers' && method === 'POST') {
      const uuid = `offer-${offers.size + 1}`
      offers.set(uuid, body)
      return send(response, 201, { uuid, resource: 'test thing', resource_type: 'test_node', ...body })
    }
    const claim = /^\/lease\/v1\/offers\/([^/]+)\/claim$/.exec(path)
    if (claim) {
      if (leases.length < (trouble.winners ?? 1)) {
        const lease = { uuid: `lease-${leases.length + 1}`, offer_uuid: claim[1]!, status: 'created', ...body }
        leases.push(lease)
        return send(response, 201, lease)
      }
      return send(response, trouble.losers ?? 409, {
        faultstring: 'has no availabilities',
        ...(trouble.mute ? {} : { alternatives: { availabilities: [['2030-01-01T00:00:00', '2030-01-01T10:00:00']] } }),
      })
    }
    if (path === '/lease/v1/leases') return send(response, 200, { leases })
    const one = /^\/lease\/v1\/(leases|offers)\/([^/]+)$/.exec(path)
    if (one && method === 'DELETE') {
      if (one[1] === 'leases' && trouble.sticky) return send(response, 500, { faultstring: 'it sticks' })
      if (one[1] === 'offers') offers.delete(one[2]!)
      else for (const l of leases) if (l['uuid'] === one[2]) l['status'] = 'deleted'
      return send(response, 200, null)
    }
    return send(response, 404, { faultstring: 'not found' })
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'esi-doctor-'))
  const cloud = (name: string) => ({
    auth: {
      auth_url: `${base()}/identity`,
      username: name,
      password: 'right',
      project_name: 'p',
      user_domain_id: 'default',
      project_domain_id: 'default',
    },
  })
  const clouds = join(folder, 'clouds.yaml')
  writeFileSync(clouds, JSON.stringify({ clouds: { owner1: cloud('owner1'), lessee1: cloud('lessee1') } }))
  return {
    leases,
    offers,
    /** Runs the program itself, in a process of its own. */
    run: (...words: string[]) => run(words, { OS_CLIENT_CONFIG_FILE: clouds, PATH: process.env['PATH'] }),
    stop: () =>
      new Promise<void>(resolve => {
        rmSync(folder, { recursive: true })
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

const BIN = fileURLToPath(new URL('../../../../bin/esi.mjs', import.meta.url))

const run = (words: string[], env: NodeJS.ProcessEnv): Promise<{ status: number | null; out: string; err: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { out: '', err: '' }
    child.stdout.on('data', text => (said.out += text))
    child.stderr.on('data', text => (said.err += text))
    child.on('error', reject)
    child.on('close', status => resolve({ status, ...said }))
  })

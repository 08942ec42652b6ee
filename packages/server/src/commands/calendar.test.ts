import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { siteTable } from '../config.ts'
import { readConfigFile } from '../kit/config/file.ts'
import { readConfig } from '../kit/config/read.ts'
import { silent } from '../kit/testing/silent-log.ts'
import { type Site, type SiteConfig, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { writeCloud } from '../site/cloud.ts'
import { useSite } from './test/run.ts'

const site = useSite({ services: ['identity', 'leasing'], listen: '127.0.0.1:0', log: { level: 'silent' } })
const up: Site[] = []
afterAll(() => Promise.all(up.splice(0).map(each => each.stop())))

const esi = fileURLToPath(new URL('../../../cli/bin/esi.mjs', import.meta.url))
const run = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<{ status: number | null; said: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [esi, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text))
    child.on('error', reject)
    child.on('close', status => resolve({ status, said }))
  })

test('of many processes that claim the same hour from two replicas, one gets it', async () => {
  const config: SiteConfig = readConfig(siteTable, { ...readConfigFile(site.file), env: {} })
  const first = await startSite(config, silent, { listen: false })
  const door = first.running.get('identity')!.door as IdentityDoor
  const projects = new Map<string, string>()
  for (const [name, role] of [
    ['owner1', 'owner'],
    ['lessee1', 'lessee'],
  ] as const) {
    const project = await door.ensureProject(name)
    await door.grant(await door.ensureUser(name, name, { defaultProject: project }), role, { project })
    projects.set(name, project)
  }
  await first.stop()
  for (let i = 0; i < 2; i++)
    up.push(await startSite({ ...config, leasing: { ...config.leasing, testNodeOwner: projects.get('owner1')! } }, silent))
  const clouds = join(site.folder, 'clouds.yaml')
  for (const name of projects.keys())
    writeCloud(clouds, name, { url: up[0]!.url, user: name, password: name, project: name, region: 'RegionOne' })
  const { status, said } = await run(
    ['doctor', '--prove-calendar', '--processes', '3', '--claims', '60', ...up.flatMap(({ url }) => ['--url', url])],
    { PATH: process.env['PATH'], OS_CLIENT_CONFIG_FILE: clouds },
  )
  expect([status, said]).toEqual([
    0,
    expect.stringMatching(/^60 claims from 3 processes for the same hour of test-node-.*\n1 won \(201\), 59 refused \(409\), 0 others;/),
  ])
  const { rows } = await site.connections.pool.query(`select status from leasing.lease`)
  expect(rows).toEqual([{ status: 'deleted' }])
})

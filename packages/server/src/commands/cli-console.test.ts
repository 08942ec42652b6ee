import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readJson } from '../../../lab/src/files.ts'
import { bringIn, enrol } from '../proof/testing/nodes.ts'
import type { Server } from '../proof/testing/server.ts'
import { createSite, type Site } from '../proof/testing/site.ts'
import { until } from '../proof/testing/until.ts'
import { writeCloud } from '../site/cloud.ts'
import { runCli } from './test/cli.ts'

/* `esi node console connect` against a server, as processes, with the BMC of a machine of the lab behind it. */

const PROGRAM = fileURLToPath(new URL('../../../cli/bin/esi.mjs', import.meta.url))

let site: Site
let server: Server
let node: string
const sitting = new Set<ChildProcess>()

beforeAll(async () => {
  site = await createSite({ database: 'shared', rack: { count: 1 } })
  server = await site.start({ port: await freePort() })
  for (const user of ['admin', 'owner', 'lessee', 'rival'])
    writeCloud(join(site.folder, 'clouds.yaml'), user, {
      url: server.url,
      user,
      password: 'only-for-tests',
      project: user,
      region: 'RegionOne',
    })
  const machine = site.lab.machines[0]!
  node = machine.name
  const uuid = await enrol(site, server, machine)
  await bringIn(site, server, [uuid])
}, 120_000)
afterAll(async () => {
  for (const child of sitting) child.kill('SIGKILL')
  await site?.end()
})

/** The address of a console has the server's port, which must be known before it listens. */
const freePort = async (): Promise<number> => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  await new Promise(resolve => taken.close(resolve))
  return port
}

const esi = async (who: string, words: string, input?: string) => {
  const said = await runCli(site.folder, who, words.split(' '), input)
  return { ...said, err: said.err.replaceAll(/\n\(HTTP.*\)/g, '') }
}
const done = async (who: string, words: string): Promise<string> => {
  const said = await esi(who, words)
  expect([words, said.status, said.err]).toEqual([words, 0, ''])
  return said.out
}

/** Somebody who sits at a console, through pipes. */
const sit = (who: string, words: string) => {
  const env = { PATH: process.env['PATH'], OS_CLIENT_CONFIG_FILE: join(site.folder, 'clouds.yaml'), OS_CLOUD: who }
  const child = spawn(process.execPath, [PROGRAM, 'node', 'console', 'connect', ...words.split(' ')], { env })
  sitting.add(child)
  let [out, err] = ['', '']
  child.stdout.on('data', text => {
    out += text
  })
  child.stderr.on('data', text => {
    err += text
  })
  const status = new Promise<number | null>(resolve =>
    child.on('close', code => {
      sitting.delete(child)
      resolve(code)
    }),
  )
  return {
    types: (text: string) => child.stdin.write(text),
    interrupts: () => child.kill('SIGINT'),
    hears: (words: string) => until(`"${words}" on the console; it says ${JSON.stringify([out, err])}`, () => out.includes(words)),
    status,
    err: () => err.trim(),
  }
}

test('a console that is not to be had says why, and what to do', async () => {
  expect(await esi('owner', `node console connect ${node}`)).toEqual({
    status: 1,
    out: '',
    err: `The console of ${node} is switched off. With --enable it is switched on first.`,
  })
  const without = await esi('owner', `node console connect ${node} --enable`)
  expect(without.status).toBe(1)
  expect(without.err).toContain('its console interface is no-console. "esi node set')
  // Not even that it exists.
  expect((await esi('rival', `node console connect ${node} --enable`)).err).toBe(`Node ${node} could not be found.`)
  expect(await esi('owner', `node console connect ${node} --escape x`)).toMatchObject({ status: 2 })
  expect((await esi('owner', `node console connect ${node} --log /nowhere/log`)).err).toMatch(/^--log: ENOENT/)
  expect(await done('owner', `node console show ${node} -f value -c console_enabled`)).toBe('False')
}, 60_000)

test('an owner and then a lessee sit at the console of a machine, one at a time, until it is taken from them', async () => {
  const { ssh } = readJson(join(site.folder, 'lab', 'lab.json')) as { ssh: { hostKey: string } }
  const settings = `--console-interface redfish-serial --driver-info redfish_ssh_fingerprint=${ssh.hostKey}`
  await done('admin', `node set ${node} ${settings}`)
  const log = join(site.folder, 'console.txt')
  const owner = sit('owner', `${node} --enable --log ${log}`)
  await until('the console is on', async () => (await done('owner', `node console show ${node} -f value -c console_enabled`)) === 'True')
  await done('owner', `node power on ${node} --wait`)
  await owner.hears('login:')
  owner.types('who-is-there\n')
  await owner.hears('who-is-there')
  const second = await esi('owner', `node console connect ${node}`)
  expect([second.status, second.err]).toEqual([1, expect.stringMatching(/^Somebody has this console already/)])
  owner.interrupts()
  expect([await owner.status, owner.err()]).toEqual([130, 'interrupted'])
  expect(readFileSync(log, 'utf8')).toContain('who-is-there')
  expect(statSync(log).mode & 0o777).toBe(0o600)

  // Switched off under the one who has it.
  const off = sit('owner', node)
  off.types('\n')
  await off.hears('login:')
  await done('owner', `node console disable ${node}`)
  expect([await off.status, off.err()]).toEqual([1, expect.stringMatching(/^The console of .* has ended: The console is switched off/)])

  const offer = await done('owner', `offer create ${node} -f value -c uuid`)
  const lease = await done('lessee', `offer claim ${offer} -f value -c uuid`)
  await until('the lease is active', async () => (await done('lessee', `lease show ${lease} -f value -c status`)) === 'active')
  const lessee = sit('lessee', `${node} --enable`)
  await until('the console is on', async () => (await done('lessee', `node console show ${node} -f value -c console_enabled`)) === 'True')
  await done('lessee', `node power on ${node} --wait`)
  await lessee.hears('login:')
  await done('lessee', `lease delete ${lease}`)
  expect([await lessee.status, lessee.err()]).toEqual([
    1,
    `The console of ${node} has ended: The node has changed hands: the lease has ended.`,
  ])
  expect((await esi('lessee', `node console connect ${node}`)).err).toBe(`Node ${node} could not be found.`)
}, 120_000)

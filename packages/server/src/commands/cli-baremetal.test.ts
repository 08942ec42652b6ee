import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { siteTable } from '../config.ts'
import { readConfigFile } from '../kit/config/file.ts'
import { readConfig } from '../kit/config/read.ts'
import { silent } from '../kit/testing/silent-log.ts'
import { type Site, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { writeCloud } from '../site/cloud.ts'
import { runCli } from './test/cli.ts'
import { useSite } from './test/run.ts'

/* The commands for what the bare-metal service has, each against a site with pretended hardware. */

const folder = useSite({
  services: ['identity', 'baremetal'],
  listen: '127.0.0.1:0',
  log: { level: 'silent' },
  baremetal: { drivers: ['fake-hardware'] },
})
let site: Site

beforeAll(async () => {
  site = await startSite(readConfig(siteTable, { ...readConfigFile(folder.file), env: {} }), silent)
  await (site.running.get('identity')!.door as IdentityDoor).bootstrap({ adminPassword: 'admin' })
  const cloud = { url: site.url, user: 'admin', password: 'admin', project: 'admin', region: 'RegionOne' }
  writeCloud(join(folder.folder, 'clouds.yaml'), 'admin', cloud)
}, 60_000)
afterAll(() => site?.stop())

/** What it prints; fails if it fails. */
const esi = async (words: string, input?: string): Promise<string> => {
  const said = await runCli(folder.folder, 'admin', split(words), input)
  expect([words, said.status, said.err.replace(/^.*: .* -> .*$/gm, '').trim()]).toEqual([words, 0, ''])
  return said.out
}
const refused = async (words: string): Promise<string> => {
  const said = await runCli(folder.folder, 'admin', split(words))
  expect([words, said.status === 0]).toEqual([words, false])
  return said.err
}
/** Words, of which those in quotes may have spaces. */
const split = (text: string): string[] => [...text.matchAll(/'([^']*)'|(\S+)/g)].map(m => m[1] ?? m[2]!)
const state = () => esi('node show f1 -f value -c provision_state')

describe('a node', () => {
  test('goes through every state that clients know', async () => {
    await esi('node create --driver fake-hardware --name f1 --resource-class bm')
    await esi('node manage f1 --wait')
    expect(await refused('node clean f1')).toBe('Say what is to be done: --clean-steps or --runbook.')
    expect(await refused('node clean f1 --clean-steps nowhere.json')).toContain('Give JSON, a file that holds it')
    const steps = '[{"interface":"management","step":"baseline"}]'
    await esi(`node clean f1 --clean-steps '${steps}' --wait`)
    expect(await state()).toBe('manageable')
    await esi('node provide f1 --wait')
    await esi(`baremetal node deploy f1 --config-drive '{"meta_data":{"a":"b"}}' --wait`)
    expect(await state()).toBe('active')
    expect(await refused('node rescue f1 --rescue-password word-of-honour')).toContain('for --rescue-password-file')
    await esi('node rescue f1 --rescue-password-file - --wait', 'word-of-honour\n')
    expect(await state()).toBe('rescue')
    await esi('node unrescue f1 --wait')
    await esi('node rebuild f1 --wait')
    const file = join(folder.folder, 'service.json')
    writeFileSync(file, '[{"interface":"deploy","step":"no_such_step"}]')
    expect(await refused(`node service f1 --service-steps ${file} --wait`)).toMatch(/no_such_step/)
    if ((await state()) !== 'active') await esi('node abort f1 --wait')
    expect(await state()).toBe('active')
    await esi('node undeploy f1 --wait')
    expect(await state()).toBe('available')
  }, 120_000)

  test('shows what is below it, and is told what it is to be', async () => {
    await esi('node boot mode set f1 uefi')
    await esi('node secure boot on f1')
    expect(await esi('node vif list f1')).toBe('')
    expect(await refused('node history get f1 d2f5a3d4-5a57-4f0e-9e0f-0f5a3d45a57f')).toContain('404')
    const [first] = (await esi('node history list f1 -f value -c UUID')).split('\n')
    expect(await esi(`node history get f1 ${first} -f value -c uuid`)).toBe(first)
    await esi('node raid set f1 -', '{"logical_disks":[{"size_gb":100,"raid_level":"1"}]}')
    expect(await esi('node show f1 -f json -c target_raid_config')).toContain('logical_disks')
    expect(await esi('node children list f1')).toBe('')
    await esi('node passthru list f1')
    for (const what of ['firmware list', 'bios setting list', 'indicator list', 'console show']) {
      const said = await runCli(folder.folder, 'admin', ['node', ...what.split(' '), 'f1'])
      expect([what, said.status === 0 || /HTTP 4|HTTP 5/.test(said.err)]).toEqual([what, true])
    }
  }, 60_000)
})

test('allocations, templates, runbooks, rules, volumes, drivers, conductors and shards', async () => {
  await esi('baremetal allocation create --name a1 --resource-class bm')
  expect(await esi('baremetal allocation list -f value -c Name')).toBe('a1')
  await esi('baremetal allocation set a1 --extra k=v')
  await esi('baremetal allocation delete a1')
  const steps = '[{"interface":"deploy","step":"x","args":{},"priority":10}]'
  await esi(`baremetal deploy template create --name CUSTOM_T --steps '${steps}'`)
  expect(await esi('baremetal deploy template show CUSTOM_T -f json')).toContain('"step": "x"')
  await esi('baremetal deploy template delete CUSTOM_T')
  await esi(`baremetal runbook create --name CUSTOM_R --steps '[{"interface":"management","step":"baseline","args":{},"order":1}]'`)
  expect(await esi('baremetal runbook list -f value -c Name')).toBe('CUSTOM_R')
  await esi('node manage f1 --wait')
  expect(await refused('node clean f1 --runbook CUSTOM_R')).toContain('has no traits')
  await esi('baremetal runbook trait add CUSTOM_R CUSTOM_R')
  expect(await esi('baremetal runbook trait list CUSTOM_R -f value -c Traits')).toBe('CUSTOM_R')
  await esi('node trait add f1 CUSTOM_R')
  await esi('node clean f1 --runbook CUSTOM_R --wait')
  await esi('baremetal runbook delete CUSTOM_R')
  const actions = '[{"op":"set-attribute","args":["/description","seen"]}]'
  await esi(`baremetal inspection rule create --description d --actions '${actions}'`)
  const rule = await esi('baremetal inspection rule list -f value -c UUID')
  await esi(`baremetal inspection rule delete ${rule}`)
  const node = await esi('node show f1 -f value -c uuid')
  await esi(`baremetal volume connector create --node ${node} --type iqn --connector-id iqn.2030-01.org.example:a`)
  await esi(`baremetal volume target create --node ${node} --type iscsi --boot-index 0 --volume-id v1`)
  expect(await esi('baremetal volume target list -f value -c UUID')).toMatch(/^[0-9a-f-]{36}$/)
  expect(await esi('baremetal driver show fake-hardware -f value -c name')).toBe('fake-hardware')
  await esi('baremetal driver property list fake-hardware')
  const host = await esi('baremetal conductor list -f value -c Hostname')
  expect(await esi(`baremetal conductor show ${host} -f value -c alive`)).toMatch(/True|true/)
  expect(await esi('baremetal shard list -f value -c Count')).toBe('1')
}, 120_000)

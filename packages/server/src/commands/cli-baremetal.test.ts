import { readFileSync, writeFileSync } from 'node:fs'
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
  baremetal: { drivers: ['fake-hardware', 'redfish'] },
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
    expect(await refused('node clean f1')).toBe('Say what is to be done, either with --clean-steps or with --runbook.')
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

test('what was asked of several is done for those that it can be done for', async () => {
  await esi('node create --driver fake-hardware --name s1 --resource-class other')
  await esi('node create --driver fake-hardware --name s2 --resource-class bm')
  await esi('node boot device set s1 s2 pxe --persistent')
  expect(await esi('node boot device show s2 -f json --noindent')).toBe('{"boot_device":"pxe","persistent":true}')
  expect(await esi('node boot device show s2 --supported -f value')).toContain('pxe, ')
  expect(await esi('node trait add s1 CUSTOM_A CUSTOM_B')).toBe('Added trait CUSTOM_A\nAdded trait CUSTOM_B')
  const half = await runCli(folder.folder, 'admin', ['node', 'trait', 'remove', 's1', 'CUSTOM_A', 'CUSTOM_C', 'CUSTOM_B'])
  expect([half.status, half.out]).toEqual([1, 'Removed trait CUSTOM_A\nRemoved trait CUSTOM_B'])
  expect(half.err).toMatch(/^Failed to remove trait CUSTOM_C: .*\n\(HTTP 404, req-/)
  expect(await refused('node trait remove s1')).toBe('Say which traits, or --all.')
  await esi('node trait add s1 CUSTOM_A')
  expect(await esi('node trait remove s1 --all')).toBe('Removed all traits')
  await esi('node maintenance set s1 s2 --reason fans')
  expect(await esi('baremetal node list --maintenance -f value -c name --sort resource_class:desc,name')).toBe('s1\ns2')
  expect(await esi('baremetal node list --maintenance -f value -c name --sort resource_class,name:desc --limit 1')).toBe('s2')
  expect(await refused('baremetal node list --sort name:up')).toContain('--sort must be like')
  expect(await refused('baremetal node list --sort nam')).toBe('--sort: there is no field "nam". Did you mean "name"?')
  // By title as older clients have it, and by field as newer ones.
  expect(JSON.parse(await esi('baremetal node list --maintenance --limit 1 --sort name -f json -c name'))).toEqual([{ name: 's1' }])
  expect(JSON.parse(await esi('baremetal node list --maintenance --limit 1 --sort name -f json -c Name'))).toEqual([{ Name: 's1' }])
  const gone = await runCli(folder.folder, 'admin', ['node', 'delete', 's1', 'nowhere', 's2'])
  expect([gone.status, gone.out]).toEqual([1, 'Deleted node s1\nDeleted node s2'])
  expect(gone.err).toMatch(/^Failed to delete node nowhere: Node nowhere could not be found/)
}, 60_000)

test('a node takes back what it was told, its interfaces and the wish for its disks', async () => {
  await esi('node create --driver fake-hardware --name r1')
  await esi('node set r1 --console-interface no-console')
  expect(await refused('node set r1 --console-interface fake --reset-console-interface')).toContain('do not go together')
  expect(await refused('node set r1 --reset-interfaces')).toBe('--reset-interfaces goes with --driver only.')
  expect(await refused('node set r1 f1 --name both')).toBe('--name can be given to one node only.')
  await esi('node set r1 --reset-console-interface --description first')
  expect(await esi('node show r1 -f value -c console_interface -c description')).toBe('fake\nfirst')
  expect(await refused('node set r1 --driver redfish')).toMatch(/interface/)
  await esi('node set r1 --driver redfish --reset-interfaces')
  expect(await esi('node show r1 -f value -c driver -c power_interface')).toBe('redfish\nredfish')
  await esi('node set r1 --target-raid-config - --name r2', '{"logical_disks":[{"size_gb":7,"raid_level":"1"}]}')
  expect(await esi('node show r2 -f json -c target_raid_config')).toContain('"size_gb": 7')
  await esi('node unset r2 --target-raid-config --description')
  expect(await esi('node show r2 -f value -c description -c target_raid_config')).toBe('None\n{}')
  // What only leads elsewhere is not shown.
  expect(Object.keys(JSON.parse(await esi('node show r2 -f json')))).not.toContain('ports')
  expect(await refused('baremetal allocation create --name adopted --node r2')).toContain('has no resource class')
  await esi('node delete r2')
}, 60_000)

test('history, BIOS and inventory are shown as the original’s client shows them, or written to a file', async () => {
  await esi('node create --driver fake-hardware --name h1')
  await esi('node manage h1 --wait 60')
  const long = JSON.parse(await esi('node history list h1 --long -f json'))
  expect(Object.keys(long[0])).toEqual(expect.arrayContaining(['UUID', 'Event Origin Type', 'Conductor', 'Target Provision State']))
  expect(await refused('node bios setting list h1 --fields name,nonsense')).toContain('There is no field "nonsense"')
  await esi('node inspect h1 --wait')
  const file = join(folder.folder, 'inventory.json')
  const said = await runCli(folder.folder, 'admin', ['node', 'inventory', 'save', 'h1', '--file', file])
  if (said.status === 0) {
    expect(said.out).toBe('')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('inventory')
    expect(JSON.parse(await esi('node inventory save h1'))).toHaveProperty('inventory')
  } else expect(said.err).toMatch(/HTTP 404/)
  expect(await refused('node inventory save h1 --file /nowhere/file')).toMatch(/ENOENT|HTTP 404/)
  await esi('node delete h1')
}, 60_000)

test('what a driver’s maker has is called by its name', async () => {
  await esi('node create --driver fake-hardware --name v1')
  expect(await refused('node passthru call v1 no_such_method')).toMatch(/HTTP 4/)
  expect(await refused('node passthru call v1 first --http-method HEAD')).toContain('--http-method must be one of')
  expect(await refused('node passthru call v1 first --arg bar')).toContain('--arg must be like key=value')
  expect(await refused('baremetal driver passthru call fake-hardware no_such_method')).toMatch(/HTTP 4/)
  await esi('node delete v1')
}, 60_000)

test('drivers and conductors are listed by page, by field and at length', async () => {
  expect(await esi('baremetal driver list --type classic')).toBe('')
  expect(await esi('baremetal driver list --type classic --print-empty')).toContain('Supported driver(s)')
  expect(JSON.parse(await esi('baremetal driver list --long -f json'))[0]).toMatchObject({
    'Supported driver(s)': 'fake-hardware',
    Type: 'dynamic',
    'Default Console Interface': 'fake',
    'Enabled Power Interfaces': expect.stringContaining('fake'),
  })
  expect(JSON.parse(await esi('baremetal driver show fake-hardware --fields type name -f json'))).toEqual({
    name: 'fake-hardware',
    type: 'dynamic',
  })
  expect(await refused('baremetal driver list --long --fields name')).toBe('--long and --fields do not go together.')
  const [host] = JSON.parse(await esi('baremetal conductor list --long --sort hostname:desc --limit 1 -f json'))
  expect(host).toMatchObject({ Alive: true, Drivers: ['fake-hardware', 'redfish'] })
  expect(await esi(`baremetal conductor list --marker ${host.Hostname}`)).toBe('')
  expect(await refused('baremetal conductor list --marker nobody')).toMatch(/HTTP 404/)
  expect(await refused('baremetal conductor list --sort drivers')).toContain('--sort: there is no field "drivers"')
}, 60_000)

test('files say what is to be created, and what is refused does not stop the rest', async () => {
  const file = join(folder.folder, 'rack.yaml')
  writeFileSync(
    file,
    `
chassis:
  - description: a rack
    nodes:
      - name: c1
        driver: fake-hardware
        traits: [CUSTOM_X]
        portgroups:
          - name: bond
            ports: [{ address: '52:54:00:00:00:01' }]
        ports: [{ address: '52:54:00:00:00:02' }]
nodes:
  - { name: c2, driver: no-such-driver, ports: [{ address: '52:54:00:00:00:03' }] }
  - { name: c3, driver: fake-hardware }
`,
  )
  const said = await runCli(folder.folder, 'admin', ['baremetal', 'create', file])
  expect([said.status, said.out.replace(/ \([0-9a-f-]{36}\)/g, '').split('\n')]).toEqual([
    1,
    [
      'Created chassis a rack',
      'Created node c1',
      'Created port group bond',
      'Created port 52:54:00:00:00:01',
      'Created port 52:54:00:00:00:02',
      'Created node c3',
    ],
  ])
  expect(said.err).toMatch(/^Failed to create node c2: .*no-such-driver.*\n\(HTTP 4\d\d/)
  const group = await esi('baremetal port group show bond -f value -c uuid')
  expect(await esi(`baremetal port list --port-group ${group} -f value -c address`)).toBe('52:54:00:00:00:01')
  expect(await esi('baremetal port list --node c1 --fields address -f value --sort address')).toBe('52:54:00:00:00:01\n52:54:00:00:00:02')
  expect(await esi('node trait list c1 -f value')).toBe('CUSTOM_X')
  expect(await esi('node show c1 -f value -c chassis_uuid')).toMatch(/^[0-9a-f-]{36}$/)
  writeFileSync(file, 'nodes: [{ ports: 5 }]')
  expect(await refused(`baremetal create ${file}`)).toBe(`${file}: nodes[0].ports must be a list.`)
  writeFileSync(file, 'machines: []')
  expect(await refused(`baremetal create ${file}`)).toBe(`${file} has "machines"; it may have "chassis" and "nodes".`)
  writeFileSync(file, 'nodes: [')
  expect(await refused(`baremetal create ${file}`)).toContain('is neither JSON nor YAML')
}, 60_000)

test('projects and nodes are called by their names', async () => {
  const project = await esi('project show admin -f value -c id')
  await esi('node create --driver fake-hardware --name n1 --owner admin')
  expect(await esi('node show n1 -f value -c owner')).toBe(project)
  expect(await esi('baremetal node list --owner admin -f value -c name')).toContain('n1')
  const nobodys = await runCli(folder.folder, 'admin', ['node', 'set', 'n1', '--lessee', 'nobody'])
  expect([nobodys.status, nobodys.err]).toEqual([0, 'There is no project "nobody": whatever belongs to it is nobody\'s.'])
  await esi(`node set n1 --lessee ${project}`)
  const uuid = await esi('node show n1 -f value -c uuid')
  expect(await esi('baremetal port group create --node n1 --name g1 -f value -c node_uuid')).toBe(uuid)
  expect(await esi('baremetal port create 52:54:00:00:00:11 --node n1 --port-group g1 -f value -c node_uuid')).toBe(uuid)
  await esi('baremetal port set 52:54:00:00:00:11 --pxe-disabled')
  expect(await esi('baremetal port show 52:54:00:00:00:11 -f value -c pxe_enabled')).toBe('False')
  expect(await esi('baremetal port delete 52:54:00:00:00:11')).toBe('Deleted port 52:54:00:00:00:11')
  expect(await refused('baremetal port set 52:54:00:00:00:11 --pxe-enabled')).toContain('There is no port with the address')
  expect(await refused('baremetal port create 52:54:00:00:00:12 --node nowhere')).toContain('Node nowhere could not be found')
  await esi('node delete n1')
}, 60_000)

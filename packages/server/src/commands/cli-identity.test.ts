import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { siteTable } from '../config.ts'
import { readConfigFile } from '../kit/config/file.ts'
import { readConfig } from '../kit/config/read.ts'
import { silent } from '../kit/testing/silent-log.ts'
import { type Site, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { writeCloud } from '../site/cloud.ts'
import { runCli } from './test/cli.ts'
import { useSite } from './test/run.ts'

/* The commands for what the identity service has beside users and projects, against a site. */

const folder = useSite({
  services: ['identity'],
  listen: '127.0.0.1:0',
  log: { level: 'silent' },
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
/** What it says where it fails. */
const refused = async (words: string): Promise<string> => {
  const said = await runCli(folder.folder, 'admin', split(words))
  expect([words, said.status]).not.toEqual([words, 0])
  return said.err
}
/** Words, of which those in quotes may have spaces. */
const split = (text: string): string[] => [...text.matchAll(/'([^']*)'|(\S+)/g)].map(m => m[1] ?? m[2]!)

test('credentials, consumers, trusts and endpoint groups', async () => {
  const user = await esi('user show admin -f value -c id')
  const project = await esi('project show admin -f value -c id')
  const credential = await esi(
    `credential create --user ${user} --project ${project} --type cert --blob-file - -f value -c id`,
    '{"a":"b"}',
  )
  expect(await esi('credential list -f value -c ID')).toContain(credential)
  await esi(`credential delete ${credential}`)
  const consumer = await esi('consumer create --description d -f value -c id')
  await esi(`consumer delete ${consumer}`)
  await esi('user create other')
  const other = await esi('user show other -f value -c id')
  const trust = await esi(`trust create admin other --project admin --project-domain default --impersonate --role admin -f value -c id`)
  expect(await esi(`trust show ${trust} -f value -c trustee_user_id`)).toBe(other)
  await esi(`trust delete ${trust}`)
  const group = await esi(`endpoint group create g '{"interface":"public"}' -f value -c id`)
  expect(await esi('endpoint group list -f value -c ID')).toBe(group)
  await esi('endpoint group add project g admin')
  expect(await esi('endpoint group list --endpointgroup g -f value -c Name')).toBe('admin')
  expect(await esi('endpoint group list --project admin -f value -c ID')).toBe(group)
  await esi('endpoint group remove project g admin')
  await esi(`endpoint group delete ${group}`)
}, 120_000)

test('limits, and what is known of other clouds and of providers of identities', async () => {
  const service = await esi('service list -f value -c ID').then(text => text.split('\n')[0]!)
  const registered = await esi(`registered limit create --service identity --default-limit 5 r -f value -c id`)
  const limit = await esi(`limit create --project admin --service ${service} --resource-limit 3 r -f value -c id`)
  await esi(`limit set ${limit} --resource-limit 4`)
  expect(await esi(`limit show ${limit} -f value -c resource_limit`)).toBe('4')
  await esi(`limit delete ${limit}`)
  await esi(`registered limit delete ${registered}`)
  await esi('identity provider create idp --remote-id-file - --enable', 'https://idp.example.org\nhttps://two.example.org\n')
  expect(await esi('identity provider show idp -f json')).toContain('two.example.org')
  expect(await esi('identity provider list -f value -c ID')).toBe('idp')
  const rules = '[{"local":[{"user":{"name":"{0}"}}],"remote":[{"type":"OIDC-sub"}]}]'
  await esi(`mapping create m --rules '${rules}'`)
  expect(await esi('mapping show m -f json')).toContain('OIDC-sub')
  await esi('federation protocol create openid --identity-provider idp --mapping m')
  expect(await esi('federation protocol list --identity-provider idp -f value')).toBe('openid m')
  expect(await esi('federation protocol show openid --identity-provider idp -f value -c mapping')).toBe('m')
  await esi('federation protocol set openid --identity-provider idp --remote-id-attribute iss')
  await esi('federation protocol delete openid --identity-provider idp')
  await esi('mapping delete m')
  await esi('identity provider delete idp')
  await esi('service provider create sp --auth-url https://a.example.org/v3 --service-provider-url https://a.example.org/sp')
  await esi('service provider delete sp')
  const policy = await esi(`identity policy create --type application/json - -f value -c id`, '{}')
  await esi(`identity policy delete ${policy}`)
}, 120_000)

test('the catalog, what of it whom is shown, and keys that sign', async () => {
  expect(await esi('catalog show identity -f value -c type')).toBe('identity')
  expect(await refused('catalog show nothing')).toContain('There is no service "nothing" in your catalog.')
  await esi('service create --name kept compute')
  const endpoint = await esi('endpoint create compute public https://kept.example.org --region RegionOne --disable -f value -c id')
  expect(await esi('endpoint list --service kept --interface public -f value -c ID')).toBe(endpoint)
  // Not one's own: a project that is given endpoints has these alone.
  await esi('project create seen')
  await esi(`endpoint add project ${endpoint} seen`)
  expect(await esi(`endpoint list --endpoint ${endpoint} -f value -c Name`)).toBe('seen')
  expect(await esi('endpoint list --project seen --project-domain default -f value -c ID')).toBe(endpoint)
  await esi(`endpoint remove project ${endpoint} seen`)
  expect(await refused('endpoint create nothing public https://x.example.org')).toContain('nothing')
  expect(await refused(`endpoint list --endpoint ${endpoint} --project admin`)).toContain('do not go together')
  await esi('service delete kept')

  const access = await esi('ec2 credentials create -f value -c access')
  expect(await esi('ec2 credentials list -f value -c Access')).toBe(access)
  expect(await esi(`ec2 credentials show ${access} --user admin --user-domain default -f value -c access`)).toBe(access)
  expect(await refused(`ec2 credentials show ${access} --user admin --user-domain nowhere`)).toContain('nowhere')
  await esi(`ec2 credentials delete ${access}`)
  expect(await esi('federation project list -f value -c Name')).toBe('admin')
}, 120_000)

test('roles, with what they bring along and below what they hold', async () => {
  await esi('domain create elsewhere')
  await esi('user create pat --domain elsewhere')
  await esi('project create lab --domain elsewhere')
  await esi('group create crew --domain elsewhere')
  await esi('group add user crew pat --group-domain elsewhere --user-domain elsewhere')
  expect(await esi('group contains user crew pat --group-domain elsewhere --user-domain elsewhere')).toBe('pat in group crew')
  expect(await esi('group contains user crew admin --group-domain elsewhere')).toBe('admin not in group crew')
  const where = '--project lab --project-domain elsewhere'
  await esi(`role add reader ${where} --user pat --user-domain elsewhere`)
  await esi('role add reader --domain elsewhere --inherited --group crew --group-domain elsewhere')
  await esi('role add reader --system all --user pat --user-domain elsewhere')
  const list = (more: string) => esi(`role assignment list ${more} -f value`)
  expect(await list(`--names ${where}`)).toBe('reader pat@elsewhere  lab@elsewhere   False')
  expect(await list('--names --domain elsewhere --inherited')).toBe('reader  crew@elsewhere  elsewhere  True')
  expect(await list('--names --user pat --user-domain elsewhere --system all')).toBe('reader pat@elsewhere    all False')
  expect(await list('--auth-user --auth-project --names')).toContain('admin@Default')
  expect(await list('--effective --names --user pat --user-domain elsewhere --project lab --project-domain elsewhere')).toContain('reader')
  await esi('user create pat')
  expect(await refused('role add reader --user pat --project lab')).toContain('More than one user is called "pat"')
  expect(await refused('role add reader --user pat --user-domain nowhere --project lab')).toContain('nowhere')
  expect(await refused('role add reader --user pat')).toContain('Exactly one of --project')
  expect(await refused('role assignment list --auth-user --user admin')).toContain('do not go together')
  await esi(`role remove reader ${where} --user pat --user-domain elsewhere`)
  expect(await list(`--names ${where}`)).toBe('')

  await esi('role create cook')
  await esi('implied role create cook --implied-role reader')
  expect(await esi('implied role list -f value -c "Prior Role Name" -c "Implied Role Name"'.replaceAll('"', "'"))).toContain('cook reader')
  await esi('implied role delete cook --implied-role reader')
  expect(await esi('implied role list -f value')).not.toContain('cook')
}, 120_000)

test('logins for programs, and what they may ask', async () => {
  const rules = '[{"path":"/v1/nodes","method":"GET","service":"baremetal"}]'
  await esi(
    `application credential create robot --role reader --restricted --secret-file - --access-rules '${rules}'`,
    'a secret of its own',
  )
  expect(await esi('application credential list --user admin --user-domain default -f value -c Name')).toBe('robot')
  expect(await esi('application credential show robot -f value -c roles')).toBe('reader')
  const rule = await esi('access rule list -f value -c ID')
  expect(await esi(`access rule show ${rule} -f value`)).toContain('/v1/nodes')
  expect(await refused(`access rule delete ${rule}`)).toContain(rule)
  await esi('application credential delete robot')
  await esi(`access rule delete ${rule}`)
  expect(await esi('access rule list -f value')).toBe('')
  expect(await refused('application credential show robot')).toContain('no application credential "robot"')
}, 120_000)

test('projects and users, by name in their domain, with tags and rules of their own', async () => {
  await esi('domain create farm --description far')
  await esi('project create barn --domain farm --tag red --tag old --property colour=red --immutable')
  expect(await refused('project set barn --domain farm --description x')).toContain('immutable')
  await esi('project set barn --domain farm --no-immutable')
  await esi('project set barn --domain farm --disable --tag new --remove-tag old')
  const barn = JSON.parse(await esi('project show barn --domain farm -f json'))
  expect(barn).toMatchObject({ colour: 'red', enabled: false, options: { immutable: false } })
  expect(barn.tags.sort()).toEqual(['new', 'red'])
  expect(await esi('project list --domain farm --disabled -f value -c Name')).toBe('barn')
  await esi('project set barn --domain farm --enable')
  await esi(`project create stall --domain farm --parent ${barn.id}`)
  expect(JSON.parse(await esi('project show stall --domain farm --parents -f json')).parents).toHaveProperty(barn.id)
  expect(await esi('project list --tags red,new -f value -c Name')).toBe('barn')
  expect(await esi('project list --not-tags-any red --domain farm -f value -c Name')).toBe('stall')
  expect(await esi('project list --my-projects -f value -c Name')).toBe('admin')
  expect(await esi('project create barn --domain farm --or-show -f value -c id')).toBe(barn.id)
  expect(await refused('project create barn --domain farm')).toContain('409')
  expect(await refused('project show barn --domain nowhere')).toContain('nowhere')
  expect(await refused('project show barn --domain default')).toContain('barn')

  await esi(
    'user create hand --domain farm --project stall --project-domain farm --email hand@farm.example.org --multi-factor-auth-rule password,totp --enable-multi-factor-auth --password-file -',
    'a password',
  )
  const hand = JSON.parse(await esi('user show hand --domain farm -f json'))
  expect(hand).toMatchObject({
    email: 'hand@farm.example.org',
    options: { multi_factor_auth_enabled: true, multi_factor_auth_rules: [['password', 'totp']] },
  })
  await esi(`user set hand --domain farm --disable-multi-factor-auth --multi-factor-auth-rule , --description strong`)
  expect(JSON.parse(await esi('user show hand --domain farm -f json'))).toMatchObject({
    description: 'strong',
    options: { multi_factor_auth_enabled: false, multi_factor_auth_rules: [] },
  })
  await esi('group create hands --domain farm')
  await esi('group add user hands hand --group-domain farm --user-domain farm')
  expect(await esi('group list --user hand --user-domain farm -f value -c Name')).toBe('hands')
  expect(await esi('user list --group hands -f value -c Name')).toBe('hand')
  await esi('role add member --project stall --project-domain farm --user hand --user-domain farm')
  expect(await esi('user list --project stall -f value -c Name')).toBe('hand')
  await esi('user delete hand --domain farm')
  await esi('project delete stall --domain farm')
}, 120_000)

test('lists that are narrowed by who is in them are narrowed by the rest too', async () => {
  await esi('domain create north')
  await esi('domain create south')
  await esi('group create team --domain north')
  await esi('group create team --domain south')
  await esi('user create ann --domain north --email ann@north.example.org --description first')
  await esi('user create bob --domain north --disable')
  for (const project of ['p2 --tag red --tag new', 'p1 --tag red', 'p3']) {
    await esi(`project create --domain north ${project}`)
    await esi(`role add member --project ${project.slice(0, 2)} --project-domain north --user ann --user-domain north`)
  }
  const listed = async (words: string) => (await esi(`${words} -f value -c Name`)).split('\n').filter(Boolean)
  expect(await listed('project list --user ann --domain north --sort name:desc')).toEqual(['p3', 'p2', 'p1'])
  expect(await listed('project list --user ann --tags red --sort name')).toEqual(['p1', 'p2'])
  expect(await listed('project list --user ann --tags-any new,other')).toEqual(['p2'])
  expect((await listed('project list --user ann --not-tags red,new')).sort()).toEqual(['p1', 'p3'])
  expect(await listed('project list --user ann --not-tags-any red')).toEqual(['p3'])
  expect(await listed('project list --user ann --disabled')).toEqual([])
  expect(await listed('project list --user ann --sort name --limit 1')).toEqual(['p1'])
  expect(await refused('project list --user ann --domain south')).toContain('There is no user "ann" in that domain.')
  expect(await listed('project list --my-projects --domain north')).toEqual(['admin'])

  expect(await refused('group add user team ann nobody bob --group-domain north --user-domain north')).toContain(
    'nobody not added to group team: ',
  )
  expect((await listed('user list --group team --domain north')).sort()).toEqual(['ann', 'bob'])
  expect(await listed('user list --group team --domain north --disabled')).toEqual(['bob'])
  expect(await listed('user list --group team --domain south')).toEqual([])
  expect(await refused('user list --group team')).toContain('More than one group is called "team"')
  expect(await refused('group remove user team nobody bob --group-domain north --user-domain north')).toContain(
    'nobody not removed from group team: ',
  )
  expect(await listed('user list --group team --domain north')).toEqual(['ann'])
  expect(await listed('user list --project p1 --domain north')).toEqual(['ann'])
  const [long] = JSON.parse(await esi('user list --project p1 --domain north --long -f json'))
  expect(Object.keys(long)).toEqual(['ID', 'Name', 'Project', 'Domain', 'Description', 'Email', 'Enabled'])
  expect(long).toMatchObject({ Name: 'ann', Description: 'first', Email: 'ann@north.example.org', Enabled: true })

  await esi('role create cook --domain north')
  expect(JSON.parse(await esi('role list --domain north -f json'))).toMatchObject([{ Name: 'cook', Domain: 'north' }])
  await esi('role add cook --role-domain north --user ann --user-domain north --project p1 --project-domain north')
  expect(await refused('role add cook --role-domain south --user ann --user-domain north --project p1 --project-domain north')).toContain(
    'There is no role "cook" in that domain.',
  )
  await esi('application credential create one --role reader -f value -c id')
  expect(await refused('application credential delete none one')).toContain('Failed to delete application credential none')
  expect(await esi('application credential list -f value')).toBe('')
}, 120_000)

test('combinations that say nothing are refused as such', async () => {
  for (const words of [
    'role add reader --user admin --group crew --project admin',
    'role add reader --user admin --project admin --system all',
    'role add reader --user admin --system all --inherited',
    'role assignment list --auth-user --user admin',
    'user list --group a --project b',
    'user set admin --enable-lock-password --disable-lock-password',
    'project set admin --immutable --no-immutable',
    'application credential create x --restricted --unrestricted',
    'implied role create reader',
  ])
    expect([words, (await runCli(folder.folder, 'admin', split(words))).status]).toEqual([words, 2])
}, 120_000)

test('who may not list all projects is shown their own, and no others by a filter', async () => {
  await esi('project create yard')
  await esi('user create plain --domain default --password-file -', 'a password')
  await esi('role add member --user plain --user-domain default --project yard --project-domain default')
  const cloud = { url: site.url, user: 'plain', password: 'a password', project: 'yard', region: 'RegionOne' }
  writeCloud(join(folder.folder, 'clouds.yaml'), 'plain', cloud)
  const plain = (words: string) => runCli(folder.folder, 'plain', split(words))
  expect(await plain('project list -f value -c Name')).toMatchObject({ status: 0, out: 'yard' })
  expect(await plain('project list --my-projects --enabled -f value -c Name')).toMatchObject({ status: 0, out: 'yard' })
  expect(await plain('project list --disabled')).toMatchObject({ status: 1, out: '' })
  expect(await plain('application credential create own --role member --expiration 2999-01-01T00:00:00 -f value -c roles')).toMatchObject({
    status: 0,
    out: expect.stringContaining('member'),
  })
  expect((await plain('application credential create bad --access-rules [nothing')).status).toBe(2)
  expect(await plain('application credential list -f value -c Name')).toMatchObject({ status: 0, out: 'own' })
  expect(await esi('application credential list --user plain --user-domain default -f value -c Name')).toBe('own')
}, 120_000)

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

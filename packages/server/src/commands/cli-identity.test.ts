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
  const role = await esi('role show admin -f value -c id')
  const trust = await esi(
    `trust create --trustor ${user} --trustee ${other} --project ${project} --impersonation true --role '{"id":"${role}"}' -f value -c id`,
  )
  expect(await esi(`trust show ${trust} -f value -c trustee_user_id`)).toBe(other)
  await esi(`trust delete ${trust}`)
  const group = await esi('endpoint group create g --filter interface=public -f value -c id')
  expect(await esi('endpoint group list -f value -c ID')).toBe(group)
  await esi(`endpoint group delete ${group}`)
}, 120_000)

test('limits, and what is known of other clouds and of providers of identities', async () => {
  const service = await esi('service list -f value -c ID').then(text => text.split('\n')[0]!)
  const project = await esi('project show admin -f value -c id')
  const registered = await esi(`registered limit create --service ${service} --resource-name r --default-limit 5 -f value -c id`)
  const limit = await esi(`limit create --project ${project} --service ${service} --resource-name r --resource-limit 3 -f value -c id`)
  await esi(`limit set ${limit} --resource-limit 4`)
  expect(await esi(`limit show ${limit} -f value -c resource_limit`)).toBe('4')
  await esi(`limit delete ${limit}`)
  await esi(`registered limit delete ${registered}`)
  await esi('identity provider create idp --remote-id https://idp.example.org --enabled true')
  expect(await esi('identity provider list -f value -c ID')).toBe('idp')
  await esi('identity provider delete idp')
  const rules = '[{"local":[{"user":{"name":"{0}"}}],"remote":[{"type":"OIDC-sub"}]}]'
  await esi(`mapping create m --rules '${rules}'`)
  expect(await esi('mapping show m -f json')).toContain('OIDC-sub')
  await esi('mapping delete m')
  await esi('service provider create sp --auth-url https://a.example.org/v3 --sp-url https://a.example.org/sp')
  await esi('service provider delete sp')
  const policy = await esi(`identity policy create --type application/json --blob '{}' -f value -c id`)
  await esi(`identity policy delete ${policy}`)
}, 120_000)

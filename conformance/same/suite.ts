import { randomBytes } from 'node:crypto'
import { debian } from '../../tools/debian.ts'
import { startBareSite } from '../harness/bare.ts'
import { keystoneAs } from '../harness/login.ts'
import type { Outcome } from '../harness/outcome.ts'
import { applySkips, type Skips } from '../harness/skips.ts'
import { startOriginal } from '../original/original.ts'
import { ORIGINAL_IRONIC } from '../packages.ts'
import { runStory } from './compare.ts'
import { questionId } from './question.ts'
import type { Side } from './side.ts'
import { stories } from './stories.ts'

/** The same questions to Debian's Keystone and Ironic and to ours, which must be answered the same. */
export const same = async ({ skips, only = '' }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
  const { ready, why } = debian(...ORIGINAL_IRONIC)
  if (!ready) return [{ id: 'all', result: 'skipped', why }]
  const asked = stories.filter(story => story.questions.some(question => questionId(story, question).includes(only)))
  await using opened = new AsyncDisposableStack()
  const original = await startOriginal({ ironic: asked.some(story => story.service === 'baremetal') })
  opened.defer(() => original.stop())
  const site = await startBareSite({ baremetal: { drivers: ['fake-hardware'] } })
  opened.defer(() => site.stop())
  const theirs = await side('theirs', { identity: original.keystone, baremetal: original.ironic }, original.adminPassword)
  const ours = await side('ours', { identity: `${site.url}/identity`, baremetal: `${site.url}/baremetal` }, site.adminPassword)
  const outcomes: Outcome[] = []
  for (const story of asked) outcomes.push(...(await runStory(theirs, ours, story)))
  return applySkips(skips, 'same', outcomes)
}

/** Everybody who asks: the administrator of the system and of a project, an owner, its manager and its reader, a lessee and
 * the manager of its project, a stranger. */
const side = async (name: string, bases: Side['bases'], adminPassword: string): Promise<Side> => {
  const { identity } = bases
  const admin = await keystoneAs(identity, { name: 'admin', password: adminPassword }, 'system')
  const tokens = new Map([['system', admin.token]])
  tokens.set('admin', (await keystoneAs(identity, { name: 'admin', password: adminPassword }, 'admin')).token)
  const roles: { id: string; name: string }[] = (await admin.ask('GET', '/v3/roles')).roles
  const password = randomBytes(12).toString('hex')
  for (const [who, project, role] of [
    ['owner', 'owner', 'member'],
    ['manager', 'owner', 'admin'],
    ['reader', 'owner', 'reader'],
    ['lessee', 'lessee', 'member'],
    ['lessor', 'lessee', 'admin'],
    ['stranger', 'stranger', 'member'],
  ] as const) {
    const found = (await admin.ask('GET', `/v3/projects?name=${project}`)).projects[0]
    const { id } = found ?? (await admin.ask('POST', '/v3/projects', { project: { name: project, domain_id: 'default' } })).project
    const { user } = await admin.ask('POST', '/v3/users', { user: { name: who, domain_id: 'default', password } })
    await admin.ask('PUT', `/v3/projects/${id}/users/${user.id}/roles/${roles.find(r => r.name === role)!.id}`)
    tokens.set(who, (await keystoneAs(identity, { name: who, password }, project)).token)
  }
  return { name, bases, token: as => tokens.get(as) ?? '' }
}

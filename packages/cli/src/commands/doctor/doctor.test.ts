import { afterEach, expect, test } from 'vitest'
import { openSite, type Trouble } from './test/site.ts'

const opened: Awaited<ReturnType<typeof openSite>>[] = []
const site = async (trouble?: Trouble) => {
  const made = await openSite(trouble)
  opened.push(made)
  return made
}
afterEach(async () => {
  for (const made of opened.splice(0)) await made.stop()
})
const prove = ['doctor', '--prove-calendar', '--processes', '3', '--claims', '20']

test('all is well', async () => {
  const { status, out, err } = await (await site()).run('doctor', '--os-cloud', 'lessee1')
  expect([status, err]).toEqual([0, ''])
  expect(out).toMatch(/login +lessee1 in the project p/)
  expect(out).toMatch(/service lease +answers at/)
  expect(out).toMatch(/conductors +every node has one/)
  expect(out).toMatch(/All is well\.\n$/)
})

test.each<[string, Trouble, RegExp]>([
  ['a wrong password', { password: 'other' }, /! login .*\n.*-> Check user, password, project and domains of the cloud "lessee1"/],
  ['no roles', { roles: [] }, /! roles +none\n.*-> An administrator gives some/],
  ['a clock that is wrong', { clock: 90_000 }, /! clock +(89|90|91) s behind the server\n.*-> Set the clock/],
  ['a service that fails', { broken: { type: 'lease', status: 503 } }, /! service lease +answers 503 at/],
  [
    'nodes that nobody conducts',
    { unserved: 'east' },
    /! conductors +none for 2 nodes of group "east" \(redfish\).*\n.*groups: \['east'\]/,
  ],
  [
    'nodes of a project that is gone',
    { gone: ['q1'] },
    /! owners +2 nodes of project q1, which is deleted: node-q1-a, node-q1-b\n.*-> .*esi node transfer NODE --to PROJECT/,
  ],
  [
    'that nobody conducts at all',
    { warning: 'No conductor is running: what is asked is written down.' },
    /! conductors +No conductor is running: .*\n.*-> An operator starts a server that conducts/,
  ],
  ['an older service', { newest: 72 }, /! service baremetal .*\n.*versions up to 1\.72.*baremetal_api_version: "1\.72"/],
])('%s is found, and said what to do', async (_, trouble, says) => {
  const { status, out, err } = await (await site(trouble)).run('doctor', '--os-cloud', 'lessee1')
  expect([status, out]).toEqual([1, ''])
  expect(err).toMatch(says)
  expect(err).toMatch(/1 of \d are not as they should be\./)
})

test('what servers say beside their answers is passed on by every command, once', async () => {
  const warning = 'No conductor is running.'
  const { status, out, err } = await (await site({ warning })).run('lease', 'list', '-f', 'json', '--os-cloud', 'lessee1')
  expect([status, out, err]).toEqual([0, '[]\n', `${warning}\n`])
})

test('nobody there', async () => {
  const gone = await openSite()
  const { run } = gone
  const ran = run('doctor', '--os-cloud', 'lessee1', '--os-auth-url', 'http://127.0.0.1:1/identity')
  const { status, err } = await ran
  await gone.stop()
  expect(status).toBe(1)
  expect(err).toMatch(/! server +Cannot reach http:\/\/127\.0\.0\.1:1.*\n.*-> Is auth_url right\?/)
})

test('one winner: told in a few lines, and everything is removed', async () => {
  const good = await site()
  const { status, out, err } = await good.run(...prove)
  expect([status, err]).toEqual([0, ''])
  expect(out).toMatch(/^20 claims from 3 processes for the same hour of test thing\.\n1 won \(201\), 19 refused \(409\), 0 others;/)
  expect(out).toMatch(/The winner is lease lease-1\.\nLosers were shown what is free instead: 2030-/)
  expect(good.offers.size).toBe(0)
  expect(good.leases.map(l => l['status'])).toEqual(['deleted'])
})

test.each<[string, Trouble, RegExp]>([
  [
    'two winners',
    { winners: 2 },
    /2 claims were accepted instead of one\n.*has 2 leases instead of one.*\n- the leases lease-[12] and lease-[12] overlap/,
  ],
  ['no winner', { winners: 0 }, /0 claims were accepted instead of one/],
  ['another answer', { losers: 500 }, /19 claims were answered otherwise, the first with 500: has no availabilities/],
  ['losers that see nothing', { mute: true }, /not every loser was shown what is free instead/],
  ['something that stays', { sticky: true }, /lease lease-1 could not be removed: it sticks/],
])('%s: exit status 1, and everything that can be is removed', async (_, trouble, says) => {
  const bad = await site(trouble)
  const { status, err } = await bad.run(...prove)
  expect(status).toBe(1)
  expect(err).toMatch(says)
  expect(bad.offers.size).toBe(0)
  if (!trouble.sticky) expect(bad.leases.filter(l => l['status'] !== 'deleted')).toEqual([])
})

test('what is wrong on the command line', async () => {
  const { run } = await site()
  expect(await run('doctor', '--claims', '5', '--os-cloud', 'lessee1')).toMatchObject({
    status: 2,
    err: expect.stringMatching(/--claims is for --prove-calendar/),
  })
  expect(await run('doctor', '--prove-calendar', '--processes', 'many')).toMatchObject({
    status: 2,
    err: expect.stringMatching(/whole number/),
  })
  expect(await run('doctor', '--prove-calendar', '--processes', '9', '--claims', '2')).toMatchObject({ status: 2 })
  expect(await run('doctor', 'claimant')).toMatchObject({ status: 2, err: expect.stringMatching(/of no use by itself/) })
})

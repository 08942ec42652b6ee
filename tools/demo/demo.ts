import { Differs, expect, Stage } from './play.ts'
import { startSandbox } from './sandbox.ts'

/** The first demo of the talk, with real commands: three views, an offer, a claim of a part of it, use, and the end. */
export const demo = async (words: readonly string[]): Promise<number> => {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(
      'Usage: npm run demo\n\nPlays the first demo of the talk on a sandbox of its own; ends with 1 at the first step that differs.\n',
    )
    return 0
  }
  const write = (text: string) => void process.stdout.write(text)
  write('Starting a sandbox of its own for the demo …\n')
  const sandbox = await startSandbox(line => write(`  ${line}\n`))
  try {
    await story(new Stage(sandbox.clouds, write))
    write('\n\u001b[1mThe demo went as told.\u001b[0m\n')
    return 0
  } catch (e) {
    if (!(e instanceof Differs)) throw e
    write(`\n\u001b[31mThis differs from the story: ${e.message}\u001b[0m\n`)
    return 1
  } finally {
    await sandbox.stop()
  }
}

const LEASE_SECONDS = 20

const story = async (stage: Stage): Promise<void> => {
  const names = async (cloud: string): Promise<string[]> =>
    (await stage.json(cloud, 'node', 'list')).map((n: { Name: string }) => n.Name).sort()

  stage.title('Three views of one inventory: the administrator sees all, an owner three, a lessee none')
  for (const cloud of ['admin', 'owner1', 'lessee1']) await stage.play(cloud, 'node', 'list')
  expect('the administrator sees five nodes', (await names('admin')).join() === 'dell1,dell2,dell3,dell4,dell5')
  expect('owner1 sees three nodes', (await names('owner1')).join() === 'dell1,dell2,dell3')
  expect('lessee1 sees none', (await names('lessee1')).length === 0)

  stage.title('owner1 offers dell2; without times, so from now on')
  await stage.play('owner1', 'offer', 'create', 'dell2')

  stage.title('lessee1 sees the offer, and when it is available')
  await stage.play('lessee1', 'offer', 'list')
  const offers = await stage.json('lessee1', 'offer', 'list')
  expect('lessee1 sees one offer, of dell2', offers.length === 1 && offers[0].Resource === 'dell2')
  const offer = offers[0]
  expect('it is available in one span', offer.Availabilities.length === 1)

  stage.title(`lessee1 claims a part of it: ${LEASE_SECONDS} seconds from now`)
  const end = new Date(Date.now() + LEASE_SECONDS * 1000).toISOString().slice(0, 19)
  const claimed = await stage.play('lessee1', 'offer', 'claim', offer.UUID, '--end-time', end, '--wait')
  expect('the claim is accepted and the lease becomes active', claimed.status === 0 && claimed.out.includes('active'))

  stage.title('The availability has shrunk: it begins when the lease has ended and the node is clean again')
  await stage.play('lessee2', 'offer', 'list')
  const [shrunk] = await stage.json('lessee2', 'offer', 'list')
  expect('what is left begins after the lease', shrunk.Availabilities.length > 0 && shrunk.Availabilities[0][0] >= end)

  stage.title('The node has appeared for lessee1, and for no other lessee')
  await stage.play('lessee1', 'node', 'list')
  expect('lessee1 sees dell2', (await names('lessee1')).join() === 'dell2')
  expect('lessee2 sees none', (await names('lessee2')).length === 0)

  stage.title('lessee1 may switch it on')
  const on = await stage.play('lessee1', 'node', 'power', 'on', 'dell2', '--wait')
  expect('power on works', on.status === 0)
  await stage.play('lessee1', 'node', 'show', 'dell2', '--fields', 'name,lessee,power_state,provision_state')
  expect('it is on', (await stage.json('lessee1', 'node', 'show', 'dell2')).power_state === 'power on')

  stage.title('… but not edit it')
  const set = await stage.play('lessee1', 'node', 'set', 'dell2', '--property', 'cpus=1')
  expect('setting a property is refused', set.status === 1 && /denied/i.test(set.err))

  stage.title('The lease ends on the second: the node is gone from lessee1, switched off and cleaned')
  const lease = (await stage.json('owner1', 'lease', 'list', '--status', 'any'))[0]
  await stage.until('the lease ends', async () => (await stage.json('lessee1', 'lease', 'show', lease.UUID)).status === 'expired')
  await stage.play('lessee1', 'lease', 'show', lease.UUID, '-c', 'status', '-c', 'end_time', '-c', 'expire_time')
  await stage.play('lessee1', 'node', 'list')
  expect('lessee1 sees none', (await names('lessee1')).length === 0)
  await stage.until('dell2 is clean and available', async () => {
    const node = await stage.json('owner1', 'node', 'show', 'dell2')
    return node.provision_state === 'available' && node.power_state === 'power off' && node.lessee === null
  })
  await stage.play('owner1', 'node', 'show', 'dell2', '--fields', 'name,lessee,power_state,provision_state')
  await stage.play('owner1', 'event', 'list')
}

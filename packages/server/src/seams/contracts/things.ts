import { expect, it } from 'vitest'
import type { Credentials } from '../../kit/auth/caller.ts'
import type { Assigned, Released, Things } from '../../services/leasing/needs.ts'

/** Nodes that a provider has, and how its Ironic API is asked as an administrator. */
export interface Site {
  readonly things: Things
  /** Projects. */
  readonly owner: string
  readonly lessee: string
  readonly stranger: string
  ask(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: any }>
  /** A node of the owner's that is available, switched off, and needs no wiping; gives its UUID. */
  node(): Promise<string>
  /** Lets the provider do what is due. */
  settle(): Promise<void>
}

const UNTIL = '2040-01-01T00:00:00.000000Z'
const lease = () => crypto.randomUUID()
/** Looks at most that often until something is so; each time the provider does what is due. */
const LOOKS = 120

/** What leasing may expect of whoever has things that are nodes. To be called within a `describe`. */
export const thingsContract = (site: () => Site): void => {
  const as = (project: string) =>
    ({ user_id: 'somebody', user_domain_id: 'default', project_id: project, roles: ['member'] }) as Credentials
  const shown = async (id: string) => (await site().ask('GET', `/v1/nodes/${id}`)).body
  const patch = async (id: string, path: string, value: unknown) => {
    const answer = await site().ask('PATCH', `/v1/nodes/${id}`, [{ op: 'add', path, value }])
    expect([answer.status, answer.body]).toEqual([200, answer.body])
  }
  const until = async <T>(look: () => Promise<T>, is: (value: T) => boolean): Promise<T> => {
    let value = await look()
    for (let i = 0; !is(value); i++) {
      if (i === LOOKS) throw new Error(`it did not come to that: ${JSON.stringify(value)}`)
      await site().settle()
      value = await look()
    }
    return value
  }
  const assigned = (id: string, project: string, name: string) =>
    until(
      () => site().things.assign(id, project, name, UNTIL),
      (answer: Assigned) => answer.is === 'assigned',
    )
  const released = (id: string, name: string) =>
    until(
      () => site().things.release(id, name),
      (answer: Released) => answer.is === 'released',
    ) as Promise<Released & { is: 'released' }>
  const state = async (id: string, path: string, target: string, is: (node: any) => boolean) => {
    const answer = await site().ask('PUT', `/v1/nodes/${id}/states/${path}`, { target })
    expect([answer.status, answer.body]).toEqual([202, answer.body])
    await until(() => shown(id), is)
  }

  it('finds a node by UUID and by name', async () => {
    const { things, owner, node } = site()
    const id = await node()
    const { name } = await shown(id)
    for (const ident of [id, name])
      expect(await things.find(ident)).toMatchObject({
        id,
        name,
        owner,
        lessee: null,
        properties: { erase: 'none' },
        state: { provision: 'available', power: 'power off', maintenance: false },
      })
    for (const none of [lease(), 'no such node', '', '..', 'a/b', 'x?y=z', 'ä', 'x'.repeat(300)])
      expect(await things.find(none)).toBeUndefined()
  })

  it('lists what is a project’s, as owner or lessee, and everything for nobody', async () => {
    const { things, owner, lessee, stranger, node } = site()
    const [mine, lent] = [await node(), await node()]
    await assigned(lent, lessee, lease())
    const listed = async (who: string | undefined) => (await things.list(who === undefined ? undefined : as(who))).map(t => t.id)
    expect(await listed(owner)).toEqual(expect.arrayContaining([mine, lent]))
    expect(await listed(undefined)).toEqual(expect.arrayContaining([mine, lent]))
    expect(await listed(lessee)).toContain(lent)
    expect(await listed(lessee)).not.toContain(mine)
    expect(await listed(stranger)).not.toContain(mine)
    expect(await listed(stranger)).not.toContain(lent)
    expect(await listed(lease())).toEqual([])
    expect(await things.list({ ...as(owner), project_id: undefined } as unknown as Credentials)).toEqual([])
  })

  it('puts a node into one project’s hands; again changes nothing, and another lease waits', async () => {
    const { things, lessee, stranger, node } = site()
    const id = await node()
    const first = lease()
    await assigned(id, lessee, first)
    const before = await shown(id)
    expect(before.lessee).toBe(lessee)
    expect(await things.assign(id, lessee, first, UNTIL)).toEqual({ is: 'assigned' })
    expect(await things.assign(id, stranger, lease(), UNTIL)).toMatchObject({
      is: 'waiting',
      why: expect.stringContaining('to somebody else'),
    })
    expect((await shown(id)).lessee).toBe(lessee)
    expect((await shown(id)).extra).toEqual(before.extra)
  })

  it('takes the rights away at once, makes the node ready, and says what was proven', async () => {
    const { things, lessee, stranger, node } = site()
    const id = await node()
    const [first, second] = [lease(), lease()]
    await assigned(id, lessee, first)
    await state(id, 'power', 'power on', n => n.power_state === 'power on')
    await patch(id, '/extra', { left: 'behind' })
    expect(await things.release(id, first)).toMatchObject({ is: 'releasing' })
    expect((await shown(id)).lessee).toBeNull()
    const { proof } = await released(id, first)
    expect(proof).toMatchObject({ power: 'off', disk: 'not wiped, as its owner says (erase: none)', ports: 'unknown' })
    expect(await shown(id)).toMatchObject({ provision_state: 'available', power_state: 'power off', lessee: null, extra: {} })
    expect(await things.release(id, first)).toEqual({ is: 'released', proof })
    await assigned(id, stranger, second)
    // Who had it before has no hold on it any more.
    expect(await things.release(id, first)).toEqual({ is: 'released', proof })
    expect((await shown(id)).lessee).toBe(stranger)
  })

  it('a lease that never had a node is released, and takes nothing from anybody', async () => {
    const { things, lessee, node } = site()
    const id = await node()
    const first = lease()
    await assigned(id, lessee, first)
    expect(await things.release(id, lease())).toEqual({ is: 'released', proof: {} })
    expect(await things.release(lease(), lease())).toEqual({ is: 'released', proof: {} })
    expect(await things.assign(lease(), lessee, lease(), UNTIL)).toMatchObject({ is: 'waiting' })
    expect((await shown(id)).lessee).toBe(lessee)
  })

  it('hands over no node that is not proven clean, is in use or is not there for it', async () => {
    const { things, lessee, node } = site()
    const id = await node()
    const why = async () => {
      const answer = await things.assign(id, lessee, lease(), UNTIL)
      expect((await shown(id)).lessee).toBeNull()
      return answer.is === 'waiting' ? answer.why : answer.is
    }
    expect((await site().ask('PUT', `/v1/nodes/${id}/maintenance`, { reason: 'a new fan' })).status).toBe(202)
    expect(await why()).toBe('it is in maintenance')
    expect((await site().ask('DELETE', `/v1/nodes/${id}/maintenance`)).status).toBe(202)
    await state(id, 'provision', 'manage', n => n.provision_state === 'manageable')
    expect(await why()).toBe('its owner has not made it available (manageable)')
    await state(id, 'provision', 'provide', n => n.provision_state === 'available')
    await state(id, 'power', 'power on', n => n.power_state === 'power on')
    expect(await why()).toMatch(/^it is (being|just being)/)
    const first = lease()
    await assigned(id, lessee, first)
    expect(await shown(id)).toMatchObject({ lessee, power_state: 'power off' })
    await released(id, first)
    await state(id, 'provision', 'active', n => n.provision_state === 'active')
    expect(await why()).toBe('its owner uses it (active)')
  })

  it('removes what the lessee deployed', async () => {
    const { lessee, node } = site()
    const id = await node()
    const first = lease()
    await assigned(id, lessee, first)
    await patch(id, '/instance_info', { image_source: 'http://images.test/a', capabilities: 'boot_option:local' })
    await state(id, 'provision', 'active', n => n.provision_state === 'active')
    expect((await released(id, first)).proof).toMatchObject({ power: 'off' })
    expect(await shown(id)).toMatchObject({
      provision_state: 'available',
      power_state: 'power off',
      lessee: null,
      instance_uuid: null,
      instance_info: {},
    })
  })

  it('leaves a lessee in the midst of something no rights, and the node ready in the end', async () => {
    const { things, lessee, node } = site()
    const id = await node()
    const first = lease()
    await assigned(id, lessee, first)
    expect((await site().ask('PUT', `/v1/nodes/${id}/states/provision`, { target: 'active' })).status).toBe(202)
    // Whoever has the node may have to wait, and says so; it never says that the rights are gone while they are not.
    const answer = await things.release(id, first)
    if (answer.is !== 'holding') expect((await shown(id)).lessee).toBeNull()
    await until(
      () => things.release(id, first),
      a => a.is === 'released',
    )
    expect(await shown(id)).toMatchObject({ provision_state: 'available', lessee: null, power_state: 'power off' })
  })
}

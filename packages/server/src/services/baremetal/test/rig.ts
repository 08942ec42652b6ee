import { expect } from 'vitest'
import type { BmcDriver, Settings } from '../../../drivers/bmc/driver.ts'
import type { Tap } from '../../../kit/testing/interrupt.ts'
import { personas } from '../../../kit/testing/personas.ts'
import { type Served, serve } from '../../../kit/testing/serve.ts'
import { config } from '../config.ts'
import { Enabled } from '../drivers.ts'
import type { Door } from '../index.ts'
import { baremetal } from '../index.ts'
import type { World } from '../world.ts'
import { Pretend } from './pretend.ts'

export const OWNER = personas.owner.project!.id
export const LESSEE = personas.lessee.project!.id

/** The world of the rig's conductors, with writes of its driver and commits tapped. */
export const worldOf = async (r: Rig, tap?: Tap, writes: readonly string[] = [], once: readonly string[] = []): Promise<World> => {
  const drivers = new Enabled(r.kit.secrets)
  const open = r.enabled.open.bind(r.enabled)
  const tapped = Object.create(r.enabled, {
    open: { value: (settings: Settings) => (tap ? tap.writes(open(settings), writes as any, once) : open(settings)) },
  })
  await drivers.load([r.enabled.name], { load: async () => tapped }, r.kit.log)
  const database = tap?.database(r.database) ?? r.database
  return { kit: r.kit, database, config: config({ drivers: [r.enabled.name] }), drivers, host: 'test', others: {} }
}

/** The service on pretended machines, or with another driver. */
export const rig = async (other?: BmcDriver) => {
  const driver = other instanceof Pretend ? other : new Pretend()
  const enabled: BmcDriver = other ?? driver
  const served: Served<Door> = await serve({
    def: baremetal,
    needs: { drivers: { load: async () => enabled } },
    config: { drivers: [enabled.name] },
  })
  const ask = async (who: string, method: string, path: string, body?: unknown, status?: number) => {
    const answer = await served.request(who, method, path, body, { 'x-openstack-ironic-api-version': '1.115' })
    if (status !== undefined) expect([answer.status, answer.body]).toEqual([status, answer.body])
    return answer
  }
  let count = 0
  return {
    ...served,
    driver,
    /** The one that the service uses. */
    enabled,
    owner: OWNER,
    ask,
    /** A node of the owner's in `enroll`. */
    async enroll(more: object = {}) {
      const address = `m${++count}`
      const answer = await ask('admin', 'POST', '/v1/nodes', {
        driver: 'pretend',
        name: address,
        driver_info: { address },
        owner: OWNER,
        ...more,
      })
      expect(answer.body).toMatchObject({ provision_state: 'enroll' })
      return { uuid: answer.body.uuid as string, machine: driver.machine(address) }
    },
    async node(uuid: string): Promise<any> {
      return (await served.connections.pool.query('select * from baremetal.node where uuid = $1', [uuid])).rows[0]
    },
    async provision(uuid: string, target: string, more: object = {}) {
      const answer = await ask('admin', 'PUT', `/v1/nodes/${uuid}/states/provision`, { target, ...more })
      expect([answer.status, answer.body]).toEqual([202, undefined])
    },
    async power(uuid: string, target: string, who = 'admin', timeout?: number) {
      const answer = await ask(who, 'PUT', `/v1/nodes/${uuid}/states/power`, { target, ...(timeout ? { timeout } : {}) })
      expect([answer.status, answer.body]).toEqual([202, undefined])
    },
    /** Runs the conductors, moving the clock on, until `is` holds of the node. */
    async until(uuid: string, is: (node: any) => boolean, seconds = 600): Promise<any> {
      for (let s = 0; s <= seconds; s += 5) {
        await served.conduct()
        const node = (await served.connections.pool.query('select * from baremetal.node where uuid = $1', [uuid])).rows[0]
        if (is(node)) return node
        await served.clock.advance(5000)
      }
      const node = (await served.connections.pool.query('select * from baremetal.node where uuid = $1', [uuid])).rows[0]
      const { rows } = await served.connections.pool.query('select * from kit.work where key = $1', [uuid])
      throw new Error(`it did not come to that: ${JSON.stringify({ node, rows }, null, 1)}`)
    },
    /** A node that was verified and is proven clean. */
    async ready(more: object = {}) {
      const node = await this.enroll({ properties: { erase: 'none' }, ...more })
      await this.provision(node.uuid, 'manage')
      await this.until(node.uuid, n => n.provision_state === 'manageable')
      await this.provision(node.uuid, 'provide')
      await this.until(node.uuid, n => n.provision_state === 'available')
      return node
    },
    async events(uuid: string, type?: string): Promise<any[]> {
      const { rows } = await served.connections.pool.query(
        'select type, data, projects from kit.event where object_id = $1 and ($2::text is null or type = $2) order by id',
        [uuid, type ?? null],
      )
      return rows
    },
  }
}

export type Rig = Awaited<ReturnType<typeof rig>>

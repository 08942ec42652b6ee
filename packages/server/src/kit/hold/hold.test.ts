import { afterEach, expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { done } from '../work/conductor.ts'
import { KIT_WORK } from '../work/schema.ts'
import { conductor, until, useRig } from '../work/test/rig.ts'
import { KIT_HOLD } from './schema.ts'
import { createRig } from './test/rig.ts'

const connections = useDatabase([KIT_WORK, KIT_HOLD])
const rig = createRig()
const work = useRig(connections)
afterEach(async () => {
  await rig.end()
  await connections.pool.query('truncate kit.hold, kit.site, kit.event')
})

const by = 'an operator'

test('a thing, a service, the site: each holds what is below it, and nothing else', async () => {
  const { holds } = rig.process(connections, { serviceOf: c => ({ wire: 'cables', power: 'machines' })[c] })
  await holds.start()
  const are = async () => [await holds.held('power', 'a'), await holds.held('power', 'b'), await holds.held('wire', 'a')]
  expect(await are()).toEqual([false, false, false])
  await holds.hold({ scope: 'thing', key: 'a', reason: 'repair', by })
  expect(await are()).toEqual([true, false, true])
  await holds.hold({ scope: 'service', key: 'machines', reason: 'new firmware', by })
  expect(await are()).toEqual([true, true, true])
  await holds.lift({ scope: 'thing', key: 'a', by })
  expect(await are()).toEqual([true, true, false])
  await holds.hold({ scope: 'site', key: '', reason: 'the room is being rebuilt', by })
  expect(await are()).toEqual([true, true, true])
  await holds.lift({ scope: 'service', key: 'machines', by })
  await holds.lift({ scope: 'site', key: '', by })
  expect(await are()).toEqual([false, false, false])
})

test('the list says since when and why; the same again changes the reason only; what is not held cannot be lifted', async () => {
  const { holds, clock } = rig.process(connections)
  const since = clock.now()
  await holds.hold({ scope: 'thing', key: 'a', reason: 'repair', by })
  await clock.advance(60_000)
  await holds.hold({ scope: 'thing', key: 'a', reason: 'repair goes on', by })
  expect(await holds.list()).toEqual([{ scope: 'thing', key: 'a', reason: 'repair goes on', by, at: since }])
  expect(await holds.lift({ scope: 'thing', key: 'b', by })).toBeUndefined()
  expect(await holds.lift({ scope: 'thing', key: 'a', by })).toMatchObject({ reason: 'repair goes on', at: since })
  await expect(holds.hold({ scope: 'site', key: 'x', reason: 'a mistake', by })).rejects.toThrow('The site has no key')
  const { rows } = await connections.pool.query(
    `select type, object_id as id, projects, data->>'reason' as reason from kit.event order by id`,
  )
  expect(rows).toEqual([
    { type: 'site.hold.set', id: 'a', projects: [], reason: 'repair' },
    { type: 'site.hold.set', id: 'a', projects: [], reason: 'repair goes on' },
    { type: 'site.hold.lifted', id: 'a', projects: [], reason: 'repair goes on' },
  ])
})

test('another process is told', async () => {
  const one = rig.process(connections)
  const other = rig.process(connections)
  await Promise.all([one.holds.start(), other.holds.start()])
  await one.holds.hold({ scope: 'site', key: '', reason: 'trial', by })
  // By its feed: nobody asks it.
  await until(() => other.said.includes('held: nothing outside of the database is changed for the whole site'))
  expect(await other.holds.held('any', 'key')).toBe(true)
  await one.holds.lift({ scope: 'site', key: '', by })
  await until(() => other.said.includes('lifted: the whole site is held no more'))
  expect(await other.holds.held('any', 'key')).toBe(false)
})

test('what is held does not run and does not write; lifted, it goes on', async () => {
  const { holds } = rig.process(connections, { onLifted: () => running.nudge() })
  await holds.start()
  const wrote: string[] = []
  const inside = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const running = await work.start(
    [
      conductor(
        'power',
        async (key, run) => {
          if (key === 'late' && wrote.length === 0) {
            inside.resolve()
            await go.promise
          }
          await run.check()
          wrote.push(key)
          return done
        },
        { outside: true },
      ),
      conductor('reckon', async key => {
        wrote.push(`inside ${key}`)
        return done
      }),
    ],
    { held: holds.held },
  )
  await work.wake('power', ['late'])
  await inside.promise
  await holds.hold({ scope: 'site', key: '', reason: 'trial', by })
  go.resolve()
  await work.wake('power', ['early'])
  await work.wake('reckon', ['sum'])
  await until(async () => (await work.row('late'))?.held && (await work.row('early'))?.held && wrote.length === 1)
  expect(wrote).toEqual(['inside sum'])
  expect((await work.row('late')).last_outcome).toBe('held')
  await holds.lift({ scope: 'site', key: '', by })
  await until(() => wrote.length === 3)
  expect(wrote.sort()).toEqual(['early', 'inside sum', 'late'])
})

test('while the database cannot be asked nothing is known to be free', async () => {
  const { database } = rig.process(connections)
  const broken = {
    ...database,
    db: new Proxy(database.db, {
      get: () => () => {
        throw new Error('away')
      },
    }),
  }
  const { holds } = rig.process(connections, { database: broken })
  await expect((async () => holds.held('power', 'a'))()).rejects.toThrow()
})

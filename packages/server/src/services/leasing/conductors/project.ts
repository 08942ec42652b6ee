import { type Instant, plus } from '@esi/api/time'
import { type Conductor, done, type Outcome, type Run, wait } from '../../../kit/work/conductor.ts'
import { closeOffer, endLease } from '../ending.ts'
import { lockTree } from '../store/calendar/lock.ts'
import { heldBy } from '../store/holdings.ts'
import { changeLease } from '../store/leases.ts'
import { projectNames, rememberProjects } from '../store/projects.ts'
import type { World } from '../world.ts'

const WHY = 'its project was disabled or deleted'

/** Within that time after a project ended, in milliseconds, a claim that was let in before has become a lease or has failed. */
const LATE_CLAIMS = 60_000

/** Keeps the names of projects that lists show, and ends what a project holds that is no more. */
export const projectConductor = (world: World): Conductor => ({
  name: 'project',
  key: "the project's id",
  reads: ['leasing.lease.status', 'leasing.offer.status'],
  owns: ['leasing.project.name'],
  slots: 2,
  limit: 60_000,
  outside: false,
  async run(key, run) {
    const { projects } = world.needs
    const since = await projects?.ended?.(key)
    if (since !== undefined) return endHoldings(world, run, key, since)
    const known = await projectNames(world.kit.database.db, [key])
    if (known.size === 0 || !projects) return done
    const name = (await projects.names([key])).get(key)
    if (name !== undefined && name !== known.get(key))
      await run.transaction(async tx => rememberProjects(tx.db, tx.at, [{ id: key, name }]))
    return done
  },
})

/** As at their end; each in a transaction of its own, so that whoever takes over goes on with what is left. */
const endHoldings = async (world: World, run: Run, project: string, since: Instant): Promise<Outcome> => {
  const { leases, offers } = await heldBy(world.kit.database.db, [project])
  for (const { uuid } of offers)
    await run.transaction(async tx => {
      await lockTree(tx.db, uuid)
      // Leases that others have in it stay until their end.
      await closeOffer(tx, uuid, 'expired', { why: WHY })
    })
  for (const { uuid } of leases)
    await run.transaction(async tx => {
      const ends = await endLease(tx, uuid, 'expire')
      for (const end of ends) if (end.status === 'wait expire') changeLease(tx, end.uuid, { waiting: WHY })
    })
  const settled = plus(since, LATE_CLAIMS)
  return run.now() < settled ? wait(settled, 'for claims that were on their way') : done
}

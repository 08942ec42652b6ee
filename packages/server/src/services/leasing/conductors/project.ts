import { type Conductor, done } from '../../../kit/work/conductor.ts'
import { projectNames, rememberProjects } from '../store/projects.ts'
import type { World } from '../world.ts'

/** Keeps the names of projects that lists show. */
export const projectConductor = (world: World): Conductor => ({
  name: 'project',
  key: "the project's id",
  reads: [],
  owns: ['leasing.project.name'],
  slots: 2,
  limit: 60_000,
  outside: false,
  async run(key, run) {
    const known = await projectNames(world.kit.database.db, [key])
    if (known.size === 0 || !world.needs.projects) return done
    const name = (await world.needs.projects.names([key])).get(key)
    if (name !== undefined && name !== known.get(key))
      await run.transaction(async tx => rememberProjects(tx.db, tx.at, [{ id: key, name }]))
    return done
  },
})

import { expect, it } from 'vitest'
import type { Projects } from '../../services/leasing/needs.ts'

/** Projects that a provider has, however it came by them: `below` lies in `top`, `other` beside them. */
export interface Site {
  readonly projects: Projects
  readonly top: { readonly id: string; readonly name: string }
  readonly below: { readonly id: string; readonly name: string }
  readonly other: { readonly id: string; readonly name: string }
}

/** What leasing may expect of whoever knows projects. To be called within a `describe`. */
export const projectsContract = (site: () => Site): void => {
  it('finds a project by id and by name', async () => {
    const { projects, top } = site()
    expect(await projects.find(top.id)).toMatchObject(top)
    expect(await projects.find(top.name)).toMatchObject(top)
    expect(await projects.find('no such project')).toBeUndefined()
    expect(await projects.find('99999999999949999999999999999999')).toBeUndefined()
  })

  it('names those that there are', async () => {
    const { projects, top, other } = site()
    const names = await projects.names([top.id, other.id, 'nothing'])
    expect([...names].sort()).toEqual(
      [
        [top.id, top.name],
        [other.id, other.name],
      ].sort(),
    )
    expect(await projects.names([])).toEqual(new Map())
  })

  it('tells a project and all above it, nearest first, and no domain', async () => {
    const { projects, top, below, other } = site()
    expect(await projects.lineage(below.id)).toEqual([below.id, top.id])
    expect(await projects.lineage(top.id)).toEqual([top.id])
    expect(await projects.lineage(other.id)).toEqual([other.id])
  })
}

import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { project } from '@esi/api/identity/project'
import type { Context, Reply, Route } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { mayChange, mergeOptions } from '../domain/options.ts'
import { immutable, invalid } from '../errors.ts'
import { limitsOfProjects } from '../store/limits.ts'
import { plainProjects, projectsIn } from '../store/narrow.ts'
import { anyEnabledBelow, childrenOf, lineage, subtree } from '../store/projects.ts'
import { removeDomain, removeProject } from '../store/removal.ts'
import { revoke } from '../store/revocations.ts'
import { projectsOf } from '../store/scopes.ts'
import { projects } from '../store/views.ts'
import { emit } from '../telling.ts'
import { letGo, takeBack } from './holdings.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'
import { ownToken } from './own-token.ts'

/** The domain that a create without one means: that of the token. */
export const domainOfToken = (context: Context): string =>
  context.who.domain_id ?? context.who.project_domain_id ?? context.who.user_domain_id

const behaviour = (house: House): Behaviour => ({
  async prepare(draft, context, tx) {
    draft['name'] = String(draft['name']).trim()
    draft['options'] = mergeOptions({}, (draft['options'] ?? {}) as Item)
    if (draft['is_domain'] === true) {
      if (draft['parent_id'] || draft['domain_id']) throw invalid('only root projects are allowed to act as domains.')
      draft['parent_id'] = null
      draft['domain_id'] = null
      return
    }
    draft['domain_id'] ??= domainOfToken(context)
    draft['parent_id'] ??= draft['domain_id']
    const line = await lineage(tx.db, String(draft['parent_id']))
    const domain = line.at(-1)?.id
    // Whoever could make nothing in that domain is not told that it is there.
    const hidden = domain !== draft['domain_id'] && !context.may(project.policy.create!, { target: { project: { domain_id: domain } } })
    if (domain === undefined || hidden) throw invalid(`Could not find project: ${String(draft['parent_id'])}.`)
    if (domain !== draft['domain_id'])
      throw invalid(
        `Cannot create project, since it specifies its domain_id ${String(draft['domain_id'])}, but specifies a parent in a different domain (${domain}).`,
      )
    const disabled = line.find(p => !p.enabled)
    if (disabled) throw invalid(`cannot create a project in a branch containing a disabled project: ${disabled.id}`)
    if (line.length > house.config.projectDepth)
      throw new Refused('forbidden', `Max hierarchy depth reached for ${String(draft['parent_id'])} branch.`)
  },

  async beforeUpdate(current, values, context, tx) {
    const id = String(current['id'])
    const given = values['options'] as Item | undefined
    if (!mayChange(current['options'] as Item, values)) throw immutable('project', id, 'update')
    for (const fixed of ['domain_id', 'parent_id', 'is_domain'])
      if (fixed in values && values[fixed] !== current[fixed]) {
        if (fixed === 'parent_id') throw new Refused('forbidden', 'Update of `parent_id` is not allowed.')
        throw invalid(fixed === 'domain_id' ? 'Cannot change Domain ID' : 'Update of `is_domain` is not allowed.')
      } else delete values[fixed]
    if (given) values['options'] = mergeOptions(current['options'] as Item, given)
    if (typeof values['name'] === 'string') values['name'] = values['name'].trim()
    if (values['enabled'] === true && current['enabled'] === false) {
      const above = (await lineage(tx.db, id)).slice(1)
      if (above.some(p => !p.enabled)) throw new Refused('forbidden', `Cannot enable project ${id} since it has disabled parents`)
      await takeBack(current, tx)
    }
    if (values['enabled'] === false && current['enabled'] === true) {
      if (current['is_domain'] !== true && (await anyEnabledBelow(tx.db, id)))
        throw new Refused('forbidden', `Cannot disable project ${id} since its subtree contains enabled projects.`)
      await letGo(house, current, context, tx)
      await revoke(tx, current['is_domain'] === true ? { domain_id: id } : { project_id: id })
    }
  },

  async beforeDelete(current, _context, tx) {
    const id = String(current['id'])
    if (!mayChange(current['options'] as Item, undefined)) throw immutable('project', id, 'delete')
    if (current['is_domain'] === true) return
    if ((await childrenOf(tx.db, id)) > 0)
      throw new Refused(
        'forbidden',
        `Cannot delete the project ${id} since it is not a leaf in the hierarchy. Use the cascade option if you want to delete a whole subtree.`,
      )
  },

  async remove(current, context, tx) {
    const id = String(current['id'])
    if (current['is_domain'] === true) {
      if (current['enabled'] === true)
        throw new Refused('forbidden', `cannot delete an enabled project acting as a domain. Please disable the project ${id} first.`)
      await letGo(house, current, context, tx)
      for (const gone of await removeDomain(tx.db, id))
        emit(tx, `${gone.type}.deleted`, gone, [gone.type === 'project' ? gone.id : null, id])
    } else {
      await letGo(house, current, context, tx)
      await removeProject(tx.db, id)
    }
    emit(tx, 'project.deleted', { type: 'project', id, name: String(current['name']) }, [id, current['domain_id'] as string | null])
  },
})

export const projectResource = (house: House): Keystone =>
  new Keystone({
    resource: project,
    dialect,
    database: house.database,
    store: projects,
    behaviour: behaviour(house),
    concerns: row => [row['id'], row['domain_id']].filter(id => typeof id === 'string') as string[],
    narrow: context => [...(context.wire.query.has('is_domain') ? [] : plainProjects), ...projectsIn(context.who.domain_id)],
  })

const wants = (context: Context, key: string): boolean => {
  const value = context.wire.query.get(key)
  return value !== null && value !== '0'
}

/** `GET /v3/projects/{id}` with what it may show of the projects above and below. */
export const showProject = (house: House, engine: Keystone): Route => {
  const plain = engine.routes.find(r => r.spec.name === 'project.show')!
  return {
    ...plain,
    async handle(context, input): Promise<Reply> {
      const [upList, upIds, downList, downIds] = ['parents_as_list', 'parents_as_ids', 'subtree_as_list', 'subtree_as_ids'].map(key =>
        wants(context, key),
      )
      if (upList && upIds) throw invalid('Cannot use parents_as_list and parents_as_ids query params at the same time.')
      if (downList && downIds) throw invalid('Cannot use subtree_as_list and subtree_as_ids query params at the same time.')
      const reply = await plain.handle(context, input)
      const id = input.params['project']!
      const shown = (reply.body as { project: Item }).project
      const { db } = house.database
      // Those that the caller may see, or has a role in; a domain is no project to be listed as one.
      const whole = async (ids: readonly string[]) => {
        const { claims } = await ownToken(house, context)
        const who = { user: context.who.user_id, now: context.at, groups: claims.federated?.groups }
        const theirs = (await projectsOf(db, who)).map(p => p.id)
        const rows = await Promise.all(ids.map(each => engine.read(db, each)))
        const mine = rows.filter(
          row =>
            row &&
            !row['is_domain'] &&
            (theirs.includes(String(row['id'])) ||
              context.may('identity:get_project', { target: { project: { id: row['id'], domain_id: row['domain_id'] } } })),
        ) as Item[]
        const replies = (await Promise.all(mine.map(row => engine.reply(context, row)))) as { project: Item }[]
        if (!wants(context, 'include_limits')) return replies
        const limits = await limitsOfProjects(
          db,
          mine.map(row => String(row['id'])),
        )
        return replies.map(({ project: item }) => ({
          project: { ...item, limits: limits.filter(limit => limit.project_id === item['id']) },
        }))
      }
      if (upList) shown['parents'] = await whole((await lineage(db, id)).slice(1).map(p => p.id))
      if (upIds) shown['parents'] = nested((await lineage(db, id)).slice(1).map(p => p.id))
      if (downList) shown['subtree'] = await whole((await subtree(db, id)).map(p => p.id))
      if (downIds) shown['subtree'] = tree(id, await subtree(db, id))
      return reply
    },
  }
}

/** Each above within the one below it; nothing above is null. */
const nested = (ids: readonly string[]): Item | null => (ids.length === 0 ? null : { [ids[0]!]: nested(ids.slice(1)) })

const tree = (root: string, all: readonly { id: string; parent_id: string }[]): Item | null => {
  const below = all.filter(p => p.parent_id === root)
  return below.length === 0 ? null : Object.fromEntries(below.map(p => [p.id, tree(p.id, all)]))
}

import { Refused } from '@esi/api/dialect'
import { tagRoutes } from '@esi/api/identity/tags'
import { isTag, tags as tagList } from '@esi/api/identity/types'
import { isObject, Unfit } from '@esi/api/types'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { invalid, missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import type { Keystone } from '../resources/keystone.ts'
import { setTags } from '../store/projects.ts'
import { emit } from '../telling.ts'

const fit = (given: unknown): string[] => {
  try {
    return tagList().parse(given)
  } catch (e) {
    if (e instanceof Unfit) throw invalid(`"tags" ${e.message}.`)
    throw e
  }
}

/** The tags of a project, together and one by one. */
export const tags = (house: House, projects: Keystone): Route[] => {
  const { database } = house

  const find = async (context: Context, id: string, rule: string): Promise<Item> => {
    const row = await projects.read(database.db, id)
    context.require(rule, { target: row ? { project: row } : {} })
    if (!row) throw missing('project', id)
    return row
  }

  const shown = (context: Context, list: readonly string[]) => ({
    tags: list,
    links: { self: `${context.wire.base}${context.wire.path}`, next: null, previous: null },
  })

  const change = (context: Context, row: Item, alter: (before: readonly string[]) => readonly string[]): Promise<readonly string[]> =>
    database.transaction(context, async tx => {
      const id = String(row['id'])
      await projects.locked(context, tx, id)
      const before = (await projects.read(tx.db, id))!['tags'] as string[]
      const after = fit(alter(before))
      if (JSON.stringify(before) !== JSON.stringify(after)) {
        await setTags(tx.db, id, after)
        emit(tx, 'project.updated', { type: 'project', id, name: String(row['name']) }, [id, row['domain_id'] as string | null], {
          fields: ['tags'],
          before: { tags: before },
          after: { tags: after },
        })
      }
      return after
    })

  return [
    handle(tagRoutes.list, async (context, input) => {
      const row = await find(context, input.params['project']!, 'identity:list_project_tags')
      return { body: shown(context, row['tags'] as string[]) }
    }),
    handle(tagRoutes.replace, async (context, input) => {
      const row = await find(context, input.params['project']!, 'identity:update_project_tags')
      const given = fit(isObject(input.raw) ? input.raw['tags'] : undefined)
      return { body: shown(context, await change(context, row, () => given)) }
    }),
    handle(tagRoutes.clear, async (context, input) => {
      await change(context, await find(context, input.params['project']!, 'identity:delete_project_tags'), () => [])
      return {}
    }),
    handle(tagRoutes.check, async (context, input) => {
      const row = await find(context, input.params['project']!, 'identity:get_project_tag')
      if (!(row['tags'] as string[]).includes(input.params['tag']!)) throw noTag(input.params['tag']!)
      return {}
    }),
    handle(tagRoutes.add, async (context, input) => {
      const tag = input.params['tag']!
      const row = await find(context, input.params['project']!, 'identity:create_project_tag')
      if (!isTag(tag)) throw invalid(`"${tag.slice(0, 255)}" is no tag: 1 to 255 characters without comma and slash.`)
      await change(context, row, before => {
        if (before.includes(tag)) throw invalid(`The project has the tag "${tag}" already.`)
        return [...before, tag]
      })
      return { headers: { Location: `${context.wire.base}${context.wire.path}` } }
    }),
    handle(tagRoutes.remove, async (context, input) => {
      const tag = input.params['tag']!
      await change(context, await find(context, input.params['project']!, 'identity:delete_project_tag'), before => {
        if (!before.includes(tag)) throw noTag(tag)
        return before.filter(each => each !== tag)
      })
      return {}
    }),
  ]
}

const noTag = (tag: string): Refused => new Refused('missing', `Could not find project tag: ${tag.slice(0, 255)}.`)

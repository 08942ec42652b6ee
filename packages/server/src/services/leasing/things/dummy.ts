import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from '@esi/api/types'
import { uuid } from '../../../kit/ids/ids.ts'
import type { Thing, Things } from '../needs.ts'

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/
const PREFIX = 'dummy-node-'

/**
 * Things that are JSON files of a folder, as the original's `dummy_node`: `project_owner_id`, `resource_class`, `properties`,
 * `power_state`, `provision_state`; a lease adds `project_id` and `lease_uuid`.
 */
export const dummyNodes = (folder: string): Things => {
  const read = async (id: string): Promise<Record<string, unknown> | undefined> => {
    if (!NAME.test(id)) return undefined
    try {
      const value: unknown = JSON.parse(await readFile(join(folder, id), 'utf8'))
      return isObject(value) ? value : undefined
    } catch (e) {
      if ((e as { code?: string }).code === 'ENOENT' || (e as { code?: string }).code === 'EISDIR') return undefined
      throw new Error(`the file of dummy_node ${id} cannot be read: ${(e as Error).message}`)
    }
  }
  const write = async (id: string, value: Record<string, unknown>): Promise<void> => {
    const beside = join(folder, `.${id}.${uuid()}`)
    await writeFile(beside, JSON.stringify(value))
    await rename(beside, join(folder, id))
  }
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
  const thing = (id: string, file: Record<string, unknown>): Thing => ({
    id,
    name: `${PREFIX}${id}`,
    owner: text(file['project_owner_id']),
    lessee: text(file['project_id']),
    class: text(file['resource_class']),
    properties: isObject(file['properties']) ? file['properties'] : {},
    turnAround: 0,
    state: {
      provision: text(file['provision_state']),
      targetProvision: null,
      power: text(file['power_state']),
      targetPower: null,
      maintenance: false,
    },
  })
  return {
    async find(ident) {
      const id = ident.startsWith(PREFIX) ? ident.slice(PREFIX.length) : ident
      const file = await read(id)
      return file && thing(id, file)
    },
    async list() {
      await mkdir(folder, { recursive: true })
      const names = (await readdir(folder)).filter(name => NAME.test(name)).sort()
      const files = await Promise.all(names.map(async id => ({ id, file: await read(id) })))
      return files.flatMap(({ id, file }) => (file ? [thing(id, file)] : []))
    },
    async assign(id, project, lease) {
      const file = await read(id)
      if (!file) return { is: 'waiting', why: 'its file is not there' }
      const present = text(file['lease_uuid'])
      if (present !== null && present !== lease) return { is: 'waiting', why: 'another lease has it' }
      await write(id, { ...file, lease_uuid: lease, project_id: project })
      return { is: 'assigned' }
    },
    async release(id, lease) {
      const file = await read(id)
      if (file && file['lease_uuid'] === lease) {
        const { lease_uuid: _lease, project_id: _project, ...rest } = file
        await write(id, rest)
      }
      return { is: 'released', proof: {} }
    },
  }
}

import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const isTable = (value: unknown): value is { service: string; name: string; plural: string } =>
  typeof value === 'object' && value !== null && ['service', 'name', 'plural', 'path', 'fields'].every(key => key in value)

/** Names of all services, resources and collections: folders, and the tables of the api package as they are. */
export const readNames = async (root: string): Promise<{ names: Set<string>; tables: number; faults: string[] }> => {
  const names = new Set<string>()
  const faults: string[] = []
  let tables = 0
  for (const path of globSync('packages/{api/src,server/src/services}/*/', { cwd: root }))
    names.add(path.replace(/\/$/, '').split('/').pop()!)
  for (const path of globSync('packages/api/src/*/**/*.ts', { cwd: root })) {
    if (path.endsWith('.test.ts')) continue
    try {
      const module = (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>
      for (const value of Object.values(module).filter(isTable)) {
        tables++
        for (const name of [value.service, value.name, value.plural]) names.add(name)
      }
    } catch (error) {
      faults.push(`${path}: does not load: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  return { names, tables, faults }
}

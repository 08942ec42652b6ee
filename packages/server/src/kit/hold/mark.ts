import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isAfter } from '../events/read.ts'
import type { Mark } from './types.ts'

/** A file in the state folder that says how far the processes of this machine have followed the database. */
export const readMark = (file: string): Mark | undefined => {
  if (!existsSync(file)) return undefined
  const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Mark>
  if (typeof found.incarnation !== 'string' || !/^\d+$/.test(found.head ?? ''))
    throw new Error(`${file} is damaged; if the database is known to be good, remove it.`)
  return { incarnation: found.incarnation, head: found.head! }
}

/** Another process of this machine may have seen more; its mark stays. */
export const writeMark = (file: string, mark: Mark): void => {
  const there = readMark(file)
  if (there?.incarnation === mark.incarnation && !isAfter(mark.head, there.head)) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, `${JSON.stringify(mark)}\n`, { mode: 0o600 })
  renameSync(mine, file)
}

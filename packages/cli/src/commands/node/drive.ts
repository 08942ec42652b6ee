import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { UsageError } from '../../command.ts'
import { structured } from '../../structured.ts'

/** They understand the same options. */
const MAKERS = ['genisoimage', 'mkisofs', 'xorrisofs']

/**
 * A configuration drive as the API takes it: a URL, JSON of which the server makes one, or an image as base64 of gzip. Given as any of
 * these, as a file that holds one, as an image, or as a folder of which an image is made.
 */
export const driveOf = (given: string, option: string): unknown => {
  if (/^https?:/.test(given)) return given
  if (/^\s*\{/.test(given)) return structured(given, option)
  if (given !== '-' && statSync(given, { throwIfNoEntry: false })?.isDirectory()) return packed(imageOf(given, option))
  const content = contentOf(given, option)
  if (content.length === 0) throw new UsageError(`${option}: there is nothing in ${given}.`)
  if (/^\s*\{/.test(content.subarray(0, 100).toString('latin1'))) return structured(content.toString('utf8'), option)
  if (content[0] === 0x1f && content[1] === 0x8b) return content.toString('base64')
  const text = content.toString('latin1')
  return /^[A-Za-z0-9+/\s]+=*\s*$/.test(text) ? text.replace(/\s+/g, '') : packed(content)
}

const packed = (image: Buffer): string => gzipSync(image).toString('base64')

const contentOf = (file: string, option: string): Buffer => {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (e) {
    throw new UsageError(`${option}: ${(e as Error).message}. Give JSON, a file, a folder, a URL, or - for standard input.`)
  }
}

const imageOf = (folder: string, option: string): Buffer => {
  const scratch = mkdtempSync(join(tmpdir(), 'esi-drive-'))
  try {
    const image = join(scratch, 'drive.iso')
    // The label by which cloud-init knows it.
    const options = ['-o', image, '-ldots', '-allow-lowercase', '-allow-multidot', '-l', '-quiet', '-J', '-r', '-V', 'config-2', folder]
    for (const maker of MAKERS) {
      const { error, status, stderr } = spawnSync(maker, options, { encoding: 'utf8' })
      if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') continue
      if (status === 0) return readFileSync(image)
      throw new UsageError(`${option}: ${maker} makes no image of ${folder}: ${error?.message ?? stderr.trim()}`)
    }
    throw new UsageError(`${option}: to make an image of a folder, one of ${MAKERS.join(', ')} must be installed.`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

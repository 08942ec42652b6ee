import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { driveOf } from './drive.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'esi-drive-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const drive = (given: string) => driveOf(given, '--config-drive')

describe('a configuration drive', () => {
  it('is a URL, JSON, or a file of JSON', () => {
    expect(drive('https://host/drive')).toBe('https://host/drive')
    expect(drive('{"meta_data":{}}')).toEqual({ meta_data: {} })
    expect(drive(file('a.json', ' {"user_data":"x"}\n'))).toEqual({ user_data: 'x' })
  })

  it('is an image in a file: as base64, packed, or as it is', () => {
    const image = Buffer.from([0, 1, 2, 255, 254])
    const zipped = gzipSync(image)
    expect(drive(file('b64', `${zipped.toString('base64')}\n`))).toBe(zipped.toString('base64'))
    expect(drive(file('gz', zipped))).toBe(zipped.toString('base64'))
    expect(gunzipSync(Buffer.from(drive(file('iso', image)) as string, 'base64'))).toEqual(image)
  })

  it('that is not there, or is nothing, is refused in a sentence', () => {
    expect(() => drive(join(folder, 'nowhere'))).toThrow(/^--config-drive: ENOENT.*Give JSON, a file, a folder/)
    expect(() => drive(file('empty', ''))).toThrow(/there is nothing in/)
    expect(() => drive(file('bad.json', '{"a":'))).toThrow(/--config-drive: that is no JSON/)
  })

  it('is made of a folder, or says what is missing for that', () => {
    const path = join(folder, 'files')
    mkdirSync(join(path, 'openstack', 'latest'), { recursive: true })
    writeFileSync(join(path, 'openstack', 'latest', 'meta_data.json'), '{"uuid":"the-very-one"}')
    const before = process.env['PATH']
    try {
      const image = gunzipSync(Buffer.from(drive(path) as string, 'base64'))
      // ISO 9660, 8.4: the identifier of the first volume descriptor, and its label.
      expect(image.subarray(32_769, 32_774).toString()).toBe('CD001')
      expect(image.subarray(32_808, 32_840).toString().trim()).toBe('config-2')
      expect(image.includes('the-very-one')).toBe(true)
    } catch (error) {
      expect((error as Error).message).toMatch(/must be installed/)
    }
    try {
      process.env['PATH'] = folder
      expect(() => drive(path)).toThrow('one of genisoimage, mkisofs, xorrisofs must be installed')
    } finally {
      process.env['PATH'] = before
    }
  })
})

import { expect, test } from 'vitest'
import { imagesOf, names } from './firmware.ts'

test.each<[unknown, RegExp]>([
  [undefined, /list/],
  [[], /not empty/],
  [[{ component: 'bios' }], /"url"/],
  [[{ url: 'http://x/y' }], /"component"/],
  [[{ component: 'bios', url: 'nowhere' }], /"url"/],
  [[{ component: 'bios', url: 'http://x/y', wait: 0 }], /"wait"/],
  [[{ component: 'bios', url: 'http://x/y', checksum: 'z' }], /no "checksum"/],
])('images that are none: %j', (given, words) => expect((imagesOf(given) as { wrong: string }).wrong).toMatch(words))

test('an image that names the version that runs already was written all the same', () => {
  expect(names('http://x/bios-2.19.1.bin', '2.19.1')).toBe(true)
  expect(names('http://x/U32_2.50_12.fwpkg?x=1', 'U32 v2.50')).toBe(true)
  expect(names('http://x/bios.bin', '2.19.1')).toBe(false)
  expect(names('http://x/bios.bin', null)).toBe(false)
})

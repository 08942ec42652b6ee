import { expect, it } from 'vitest'
import { bmcContract } from './contract.ts'
import { fake } from './fake.ts'

bmcContract('fake', async () => {
  const driver = fake()
  const bmc = driver.open({ fake_id: 'one' })
  const call = { signal: new AbortController().signal, before: async () => undefined }
  return {
    driver,
    settings: { fake_id: 'one' },
    image: 'https://images.example/ramdisk.iso',
    truth: async () => ({ power: await bmc.power(call), boot: await bmc.bootDevice(call) }),
    press: power => bmc.setPower(power, call),
    // There is nobody who could be dead, and nothing that could be measured.
    without: ['booting an image', 'bios', 'firmware', 'console', 'sensors', 'wrong settings', 'dead', 'busy', 'garbled', 'a lost reply'],
  }
})

it('keeps nodes apart whose settings are the same', async () => {
  const driver = fake()
  const call = { signal: new AbortController().signal, before: async () => undefined }
  await driver.open({}, 'a').setPower('on', call)
  expect(await driver.open({}, 'a').power(call)).toBe('on')
  expect(await driver.open({}, 'b').power(call)).toBe('off')
})

import { expect, it } from 'vitest'
import { loadBmcDriver } from './load.ts'

it('loads by the names of Ironic', async () => {
  for (const name of ['redfish', 'idrac', 'ilo', 'ilo5']) expect((await loadBmcDriver(name)).name).toBe('redfish')
  expect((await loadBmcDriver('ipmi')).name).toBe('ipmi')
  expect((await loadBmcDriver('fake-hardware')).name).toBe('fake-hardware')
  expect(await loadBmcDriver('redfish')).toBe(await loadBmcDriver('redfish'))
})

it('loads nothing else that is named, and says so', async () => {
  const names = [
    '',
    'driver',
    'contract',
    'nonesuch',
    '../load',
    'redfish/power',
    'fs',
    'node:fs',
    'vitest',
    'constructor',
    '__proto__',
    'data:text/javascript,1',
    'file:///etc/passwd',
    'esi-bmc-',
    'esi-bmc-x/../../y',
    '@a/b/esi-bmc-x',
  ]
  for (const name of names)
    await expect(loadBmcDriver(name), name).rejects.toMatchObject({ fault: 'settings', message: expect.stringContaining('no BMC driver') })
})

it('says why a package cannot be loaded', async () => {
  await expect(loadBmcDriver('@acme/esi-bmc-x')).rejects.toMatchObject({
    fault: 'settings',
    message: expect.stringContaining('cannot be loaded'),
  })
})

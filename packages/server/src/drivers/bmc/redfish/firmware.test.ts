import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BmcDriver, Call } from '../driver.ts'
import { redfish } from '../redfish.ts'
import { ref, TestBmc } from './test/bmc.ts'

const UPDATE = '/redfish/v1/UpdateService'
const SIMPLE = `${UPDATE}/Actions/UpdateService.SimpleUpdate`
const INVENTORY = `${UPDATE}/FirmwareInventory`
const CARDS = '/redfish/v1/Chassis/1/NetworkAdapters'
const IMAGE = 'http://images.example/one.bin'

let bmc: TestBmc
let driver: BmcDriver
const call: Call = { signal: new AbortController().signal, before: async () => undefined }
const open = () => driver.open({ redfish_address: bmc.origin, redfish_username: bmc.user, redfish_password: bmc.password })
const sent = async (component: string) => {
  await open().updateFirmware!(component, IMAGE, call)
  return bmc.writes.at(-1)!.body
}

beforeEach(async () => {
  bmc = await new TestBmc().start(null)
  driver = redfish()
  bmc.root['UpdateService'] = ref(UPDATE)
  bmc.resources[UPDATE] = { FirmwareInventory: ref(INVENTORY), Actions: { '#UpdateService.SimpleUpdate': { target: SIMPLE } } }
  bmc.resources[INVENTORY] = { Members: ['BIOS', 'BMC', 'Slot2'].map(id => ref(`${INVENTORY}/${id}`)) }
  bmc.resources[`${INVENTORY}/BIOS`] = { Id: 'BIOS', Name: 'BIOS', Version: '2.4' }
  bmc.resources[`${INVENTORY}/BMC`] = { Id: 'BMC', Name: 'BMC', Version: '6.10.30' }
  bmc.resources[`${INVENTORY}/Slot2`] = {
    Id: 'Slot2',
    Version: '22.31.6',
    RelatedItem: [ref(`${CARDS}/A/NetworkDeviceFunctions/1`)],
  }
  bmc.resources['/redfish/v1/Chassis/1']!['NetworkAdapters'] = ref(CARDS)
  bmc.resources[CARDS] = { Members: ['A', 'B', 'C'].map(id => ref(`${CARDS}/${id}`)) }
  bmc.resources[`${CARDS}/A`] = { Id: 'A', SerialNumber: 'MY-1', Controllers: [{ FirmwarePackageVersion: '22.31.6' }] }
  bmc.resources[`${CARDS}/B`] = { Id: 'B', Controllers: [{}, { FirmwarePackageVersion: '1.2.3' }] }
  bmc.resources[`${CARDS}/C`] = { Id: 'C', Controllers: [{}] }
  bmc.instead = ({ method, path }) => (method === 'POST' && path === SIMPLE ? { status: 200, body: {} } : undefined)
})
afterEach(async () => {
  await driver.close!()
  await bmc.stop()
})
const action = () => bmc.resources[UPDATE]!['Actions']['#UpdateService.SimpleUpdate']

describe('firmware', () => {
  it('is that of BIOS, BMC and network cards, these by serial number or by what the BMC calls them, each once', async () => {
    expect((await open().firmware!(call)).map(({ component, version }) => [component, version])).toEqual([
      ['bios', '2.4'],
      ['bmc', '6.10.30'],
      ['nic:MY-1', '22.31.6'],
      ['nic:B', '1.2.3'],
    ])
  })

  it('is written to the part that is meant, where an update may name one', async () => {
    expect(await sent('nic:MY-1')).toEqual({ ImageURI: IMAGE })
    action()['Targets@Redfish.AllowableValues'] = []
    expect(await sent('nic:MY-1')).toEqual({ ImageURI: IMAGE, Targets: [`${INVENTORY}/Slot2`] })
    expect(await sent('nic:B')).toEqual({ ImageURI: IMAGE, Targets: [`${CARDS}/B`] })
  })

  it('is written with what the action tells elsewhere: a Supermicro wants the protocol, and the system or the BMC as target', async () => {
    action()['@Redfish.ActionInfo'] = `${UPDATE}/SimpleUpdateActionInfo`
    bmc.resources[`${UPDATE}/SimpleUpdateActionInfo`] = {
      Parameters: [
        { Name: 'ImageURI', Required: true },
        { Name: 'TransferProtocol', AllowableValues: ['HTTP', 'HTTPS'] },
        { Name: 'Targets', AllowableValues: ['/redfish/v1/Systems/1', '/redfish/v1/Managers/bmc'] },
      ],
    }
    const asked = (target: string) => ({ ImageURI: IMAGE, TransferProtocol: 'HTTP', Targets: [target] })
    expect(await sent('bios')).toEqual(asked('/redfish/v1/Systems/1'))
    expect(await sent('bmc')).toEqual(asked('/redfish/v1/Managers/bmc'))
    // One that it names no target for says by itself what it is for.
    expect(await sent('nic:B')).toEqual({ ImageURI: IMAGE, TransferProtocol: 'HTTP' })
  })

  it('of a card that is not there is refused with those that are', async () => {
    await expect(sent('nic:no')).rejects.toThrow(/has no firmware "nic:no", only bios, bmc, nic:MY-1, nic:B/)
  })
})

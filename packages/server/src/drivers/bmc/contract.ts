import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bmc, type BmcDriver, BmcError, type BmcFault, type Call, type Power, type Settings } from './driver.ts'

/** What is true of the machine, whatever its BMC says; keys that the bench cannot know are absent. */
export interface Truth {
  readonly power: Power
  readonly boot?: { readonly device: string | null; readonly persistent: boolean | null }
  readonly images?: readonly string[]
  /** Logins, open sessions and the like that the BMC has for us now. */
  readonly sessions?: number
}

/** A bench to test a driver on: a BMC of the lab, a simulator of somebody else, or a machine that nobody needs. */
export interface Bench {
  readonly driver: BmcDriver
  readonly settings: Settings
  /** Settings that lead to a fault; the password in them must be one that no message may hold. */
  readonly wrong?: readonly { readonly what: string; readonly settings: Settings; readonly fault: BmcFault }[]
  truth(): Promise<Truth>
  /** Waits until an operating system runs that minds a power button; absent where it does at once. */
  ready?(): Promise<void>
  /** A power button. */
  press?(power: Power): Promise<void>
  /** Faults that the bench can switch on until the function that it gives is called. */
  readonly faults?: {
    /** The BMC carries a write out and the reply gets lost. */
    loseReply?(): Promise<() => Promise<void>>
    /** Nobody answers. */
    dead?(): Promise<() => Promise<void>>
    /** It says that it is busy. */
    busy?(): Promise<() => Promise<void>>
    /** It answers nonsense. */
    garbled?(): Promise<() => Promise<void>>
  }
  /** What runs on the machine, in the bench's words; an image that was booted is its URL. */
  runs?(): Promise<string | null>
  /** A setting of the BIOS that may be anything of these, and what it is in truth. */
  readonly bios?: { readonly name: string; readonly values: readonly [string, string]; readonly truth: () => Promise<unknown> }
  /** The machine gives back what is typed on its serial console, which is reached by these settings. */
  readonly console?: Settings
  /** Something that a BMC can fetch. */
  readonly image?: string
  /** How long to wait for the machine to follow, in milliseconds; 0 where it follows at once. */
  readonly settle?: number
  /**
   * What this bench cannot show, written down so that nothing is left out unseen: a capability, `press`, `image`, a fault, …; `one start`:
   * its boot devices are for good, however they were asked for.
   */
  readonly without?: readonly string[]
  close?(): Promise<void>
}

// A blank or a hyphen between the words: not every BMC bears blanks in a password.
const SECRET = /correct[ -]horse|battery[ -]staple/

/** The suite that every driver passes. `make` sets the bench up once for the suite. */
export const bmcContract = (name: string, make: () => Promise<Bench>): void => {
  describe(`bmc contract: ${name}`, () => {
    let bench: Bench
    let bmc: Bmc
    let writes = 0
    const call = (more: Partial<Call> = {}): Call => ({
      signal: new AbortController().signal,
      before: async () => {
        writes += 1
      },
      ...more,
    })
    const lacks = (what: string): void => expect(bench.without ?? [], 'what a bench cannot show must be written down').toContain(what)
    const can = (what: BmcDriver['can'][number]) => bench.driver.can.includes(what)
    const power = async (wanted: Power) => {
      await expect
        .poll(async () => [await bmc.power(call()), (await bench.truth()).power], { timeout: bench.settle ?? 1000 })
        .toEqual([wanted, wanted])
    }
    const fault = async (work: Promise<unknown>, what = ''): Promise<BmcError> => {
      const error = await work.then(
        value => new Error(`it did not fail but gave ${JSON.stringify(value)}`),
        e => e,
      )
      expect(error, what).toBeInstanceOf(BmcError)
      expect(error.message).toMatch(/[.!"]$/)
      expect(error.message).not.toMatch(SECRET)
      return error
    }

    beforeAll(async () => {
      bench = await make()
    }, 60_000)
    afterAll(async () => {
      await bench?.driver.close?.()
      await bench?.close?.()
    })
    beforeEach(async () => {
      bmc = bench.driver.open(bench.settings, 'contract')
      // As a caller does it: a machine that is just coming on may still be shown as off.
      await expect
        .poll(
          async () => {
            await bmc.setPower('off', call())
            return [await bmc.power(call()), (await bench.truth()).power]
          },
          { timeout: bench.settle ?? 1000 },
        )
        .toEqual(['off', 'off'])
      await bmc.baseline(call())
      writes = 0
    })

    it('describes its settings and accepts those that are right', () => {
      expect(() => bench.driver.check(bench.settings)).not.toThrow()
      for (const key of Object.keys(bench.settings)) expect(bench.driver.settings[key]?.doc).toMatch(/\w/)
      for (const [key, { secret }] of Object.entries(bench.driver.settings)) if (/password|key|secret/.test(key)) expect(secret).toBe(true)
    })

    it('refuses settings of the wrong kind by a sentence', () => {
      for (const key of Object.keys(bench.driver.settings)) {
        const check = () => bench.driver.check({ ...bench.settings, [key]: { a: 1 } })
        expect(check).toThrow(BmcError)
        expect(check).toThrow(key)
      }
    })

    it('tells what it is, without writing', async () => {
      const identity = await bmc.identify(call())
      expect(identity).toMatchObject({ macs: expect.any(Array) })
      for (const mac of identity.macs) expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
      expect(writes).toBe(0)
    })

    it('switches on and off, and tells the truth', async () => {
      await bmc.setPower('on', call())
      await power('on')
      await bmc.setPower('off', call())
      await power('off')
    })

    it('sends nothing when the machine is as wanted', async () => {
      await bmc.setPower('off', call())
      await bmc.setPower('soft off', call())
      expect(writes).toBe(0)
      await bmc.setPower('on', call())
      expect(writes).toBe(1)
      await power('on')
      writes = 0
      await bmc.setPower('on', call())
      expect(writes).toBe(0)
    })

    it('is on after a reboot, wherever it began', async () => {
      await bmc.setPower('reboot', call())
      await power('on')
      await bmc.setPower('reboot', call())
      await power('on')
    })

    it('goes off softly', async () => {
      await bmc.setPower('on', call())
      await power('on')
      await bench.ready?.()
      await bmc.setPower('soft off', call())
      await power('off')
    })

    it('notices a button that was pressed', async () => {
      if (!bench.press) return lacks('press')
      await bench.press('on')
      await power('on')
    })

    it('passes the fence right before each write, and writes nothing where it is closed', async () => {
      const closed = call({ before: () => Promise.reject(new Error('no longer yours')) })
      await expect(bmc.setPower('on', closed)).rejects.toThrow('no longer yours')
      expect((await bench.truth()).power).toBe('off')
      if (can('boot device')) {
        const before = (await bench.truth()).boot
        await expect(bmc.setBootDevice('disk', false, closed)).rejects.toThrow('no longer yours')
        expect((await bench.truth()).boot).toEqual(before)
      }
      await bmc.setPower('on', call())
      expect(writes).toBe(1)
      await power('on')
    })

    it('gives up when told to', async () => {
      const signal = AbortSignal.abort()
      await expect(bmc.power(call({ signal }))).rejects.toMatchObject({ name: 'AbortError' })
      await expect(bmc.setPower('on', call({ signal }))).rejects.toMatchObject({ name: 'AbortError' })
      expect((await bench.truth()).power).toBe('off')
      expect(writes).toBe(0)
    })

    it('writes nothing when it is told to give up at the fence', async () => {
      const stop = new AbortController()
      const at = call({ signal: stop.signal, before: async () => stop.abort() })
      await expect(bmc.setPower('on', at)).rejects.toMatchObject({ name: 'AbortError' })
      expect((await bench.truth()).power).toBe('off')
    })

    it('serves many at once', async () => {
      const all = await Promise.all(Array.from({ length: 12 }, () => bmc.power(call())))
      expect(new Set(all)).toEqual(new Set(['off']))
      const { sessions } = await bench.truth()
      if (sessions !== undefined) expect(sessions).toBeLessThanOrEqual(1)
    })

    it('sets boot devices for once and for good', async () => {
      if (!can('boot device')) return lacks('boot device')
      const supported = await bmc.supportedBootDevices(call())
      expect(supported.length).toBeGreaterThan(0)
      const persistent = bench.without?.includes('one start') === true
      for (const device of supported.filter(d => d === 'pxe' || d === 'disk')) {
        await bmc.setBootDevice(device, persistent, call())
        expect(await bmc.bootDevice(call())).toEqual({ device, persistent })
        const { boot } = await bench.truth()
        if (boot) expect(boot).toEqual({ device, persistent })
      }
      writes = 0
      const { device } = await bmc.bootDevice(call())
      await bmc.setBootDevice(device!, persistent, call())
      expect(writes).toBe(0)
    })

    it('says which boot devices there are when asked for another', async () => {
      if (!can('boot device')) return lacks('boot device')
      const supported = await bmc.supportedBootDevices(call())
      const other = (['wanboot', 'safe', 'usb', 'cdrom'] as const).find(d => !supported.includes(d))
      if (!other) return lacks('another boot device')
      expect((await fault(bmc.setBootDevice(other, false, call()))).fault).toBe('unsupported')
      expect(writes).toBe(0)
    })

    it('inserts and ejects virtual media, twice without harm', async () => {
      const image = bench.image
      if (!can('virtual media')) return lacks('virtual media')
      if (image === undefined) return lacks('image')
      await bmc.insertMedia!('cdrom', image, call())
      await bmc.insertMedia!('cdrom', image, call())
      expect(writes).toBe(1)
      expect((await bmc.media!(call())).filter(slot => slot.image !== null)).toHaveLength(1)
      const { images } = await bench.truth()
      if (images) expect(images).toEqual([image])
      await bmc.ejectMedia!('cdrom', call())
      await bmc.ejectMedia!('all', call())
      expect(writes).toBe(2)
      expect((await bmc.media!(call())).filter(slot => slot.image !== null)).toEqual([])
    })

    it('starts once from a virtual CD, whatever the BMC calls that', async () => {
      const image = bench.image
      if (!can('virtual media') || image === undefined || !bench.runs) return lacks('booting an image')
      const runs = bench.runs
      await bmc.insertMedia!('cdrom', image, call())
      await bmc.setBootDevice('cdrom', false, call())
      expect(await bmc.bootDevice(call())).toEqual({ device: 'cdrom', persistent: false })
      await bmc.setPower('on', call())
      await power('on')
      await expect.poll(() => runs(), { timeout: bench.settle ?? 1000 }).toBe(image)
      await bmc.setPower('off', call())
      await power('off')
      expect((await bmc.bootDevice(call())).device).toBeNull()
      await bmc.setBootDevice('cdrom', false, call())
      await bmc.baseline(call())
      expect((await bmc.bootDevice(call())).device).toBeNull()
    })

    it('takes BIOS settings with the next start, and the delivered ones likewise', async () => {
      if (!can('bios') || !bench.bios) return lacks('bios')
      const { name, values, truth } = bench.bios
      const shown = async () => (await bmc.biosSettings!(call()))![name]
      expect((await bmc.biosRegistry!(call()))?.find(rule => rule.name === name)?.values).toEqual(expect.arrayContaining([...values]))
      const before = String(await shown())
      const other = values.find(value => value !== before)!
      writes = 0
      await bmc.setBios!({ [name]: other }, call())
      await bmc.setBios!({ [name]: other }, call())
      expect(writes).toBe(1)
      expect([await shown(), (await bmc.biosPending!(call()))[name]]).toEqual([before, other])
      const start = async (wanted: string) => {
        await bmc.setPower('on', call())
        await expect.poll(async () => [await shown(), await truth()], { timeout: bench.settle ?? 1000 }).toEqual([wanted, wanted])
        expect(await bmc.biosPending!(call())).toEqual({})
        await bmc.setPower('off', call())
        await power('off')
      }
      await start(other)
      await bmc.resetBios!(call())
      await start(before)
      const closed = call({ before: () => Promise.reject(new Error('no longer yours')) })
      await expect(bmc.setBios!({ [name]: other }, closed)).rejects.toThrow('no longer yours')
      expect(await bmc.biosPending!(call())).toEqual({})
    })

    it('tells the firmware that can be written, and the disks', async () => {
      if (!can('firmware')) return lacks('firmware')
      for (const part of await bmc.firmware!(call())) expect(part).toMatchObject({ component: expect.any(String), updating: false })
      if (can('raid'))
        for (const controller of await bmc.storage!(call()))
          expect(controller).toMatchObject({ id: expect.any(String), drives: expect.any(Array) })
      expect(writes).toBe(0)
    })

    it('lends its serial console, and lets go of it', async () => {
      if (!can('console') || !bench.console) return lacks('console')
      const lends = bench.driver.open(bench.console, 'contract')
      await bmc.setPower('on', call())
      await power('on')
      await bench.ready?.()
      writes = 0
      for (const word of ['first', 'second']) {
        // A BMC has one, and may take a moment to have it back.
        let stream: Duplex | undefined
        const open = async () => {
          stream ??= await lends.console!(call()).catch(() => undefined)
          return stream !== undefined
        }
        await expect.poll(open, { timeout: bench.settle ?? 1000 }).toBe(true)
        if (!stream) return
        let heard = ''
        stream.on('data', part => {
          heard += part
        })
        // What is typed while a BMC still gets the line ready may be lost.
        const typed = async () => {
          stream!.write(`${word}\r`)
          return heard
        }
        await expect.poll(typed, { timeout: bench.settle ?? 1000, interval: 500 }).toContain(word)
        stream.destroy()
      }
      expect(writes).toBeGreaterThan(0)
    })

    it('comes back to what is safe to hand on', async () => {
      if (can('boot device')) await bmc.setBootDevice('disk', false, call())
      if (can('virtual media') && bench.image) await bmc.insertMedia!('cdrom', bench.image, call())
      const first = await bmc.baseline(call())
      expect(first.done.length + first.impossible.length).toBeGreaterThan(0)
      const truth = await bench.truth()
      if (truth.images) expect(truth.images).toEqual([])
      // What a BMC will not give up is said.
      if (can('boot device') && bench.without?.includes('one start')) expect(first.impossible.join()).toMatch(/boot override/)
      else if (can('boot device')) expect((await bmc.bootDevice(call())).device).not.toBe('disk')
      expect((await bmc.baseline(call())).impossible).toEqual(first.impossible)
    })

    it('switches secure boot, boot mode and the light, or says that it cannot', async () => {
      const tries: (() => Promise<unknown>)[] = []
      if (can('secure boot')) tries.push(async () => await bmc.setSecureBoot!(!(await bmc.secureBoot!(call())), call()))
      if (can('boot mode'))
        tries.push(async () => await bmc.setBootMode!((await bmc.bootMode!(call())) === 'uefi' ? 'bios' : 'uefi', call()))
      if (can('indicator'))
        tries.push(async () => {
          await bmc.setIndicator!('on', call())
          expect(await bmc.indicator!(call())).toBe('on')
          await bmc.setIndicator!('off', call())
          expect(await bmc.indicator!(call())).toBe('off')
        })
      for (const attempt of tries) {
        const error = await attempt().catch(e => e)
        if (error !== undefined) expect(['unsupported', 'refused']).toContain((error as BmcError).fault)
      }
    })

    it('reads sensors and the event log', async () => {
      if (!can('sensors') && !can('event log')) return lacks('sensors')
      if (can('sensors'))
        for (const sensor of await bmc.sensors!(call()))
          expect(sensor).toMatchObject({ name: expect.any(String), unit: expect.any(String) })
      if (can('event log')) expect((await bmc.eventLog!(1, call())).length).toBeLessThanOrEqual(1)
      expect(writes).toBe(0)
    })

    it('interrupts a running machine, and none that is off', async () => {
      if (!can('nmi')) return lacks('nmi')
      expect((await fault(bmc.nmi!(call()))).fault).toBe('refused')
      await bmc.setPower('on', call())
      await power('on')
      await bmc.nmi!(call())
    })

    it('tells what is wrong with wrong settings', async () => {
      if (!bench.wrong?.length) return lacks('wrong settings')
      for (const { settings, fault: expected, what } of bench.wrong) {
        const error = await fault((async () => await bench.driver.open(settings, 'contract').identify(call()))(), what)
        expect(error.fault, what).toBe(expected)
      }
    })

    for (const [kind, expected] of [
      ['dead', 'unreachable'],
      ['busy', 'busy'],
      ['garbled', 'garbled'],
    ] as const)
      it(`says ${expected} of a BMC that is ${kind}, and works again afterwards`, async () => {
        const begin = bench.faults?.[kind]
        if (!begin) return lacks(kind)
        const end = await begin()
        try {
          const error = await fault(bmc.power(call()))
          expect(error.fault).toBe(expected)
          expect(error.retryable).toBe(true)
        } finally {
          await end()
        }
        await power('off')
      }, 120_000)

    it('looks whether it was done when the reply is lost, and never asks twice', async () => {
      const begin = bench.faults?.loseReply
      if (!begin) return lacks('a lost reply')
      const end = await begin()
      // Seen to be done: fine. Not to be seen: an error that says so.
      const error = await bmc.setPower('on', call()).catch(e => e)
      await end()
      if (error !== undefined) expect(error).toMatchObject({ uncertain: true })
      expect(writes).toBe(1)
      await power('on')
    }, 120_000)
  })
}

import { existsSync } from 'node:fs'
import { type BmcDriver, BmcError } from './bmc/driver.ts'

/** Ironic's hardware types that the same driver serves, by the name of its file. */
const FILES: Readonly<Record<string, string>> = {
  redfish: 'redfish',
  idrac: 'redfish',
  ilo: 'redfish',
  ilo5: 'redfish',
  ipmi: 'ipmi',
  'fake-hardware': 'fake',
}

const FILE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
// Other packages are no drivers, and loading one runs it.
const PACKAGE = /^(?:@[a-z0-9][a-z0-9._-]*\/)?esi-bmc-[a-z0-9][a-z0-9._-]*$/
const NO_DRIVER = new Set(['driver', 'contract'])

const loaded = new Map<string, Promise<BmcDriver>>()

/**
 * The driver of that name: an Ironic hardware type (`redfish`, `idrac`, `ilo5`, `fake-hardware`), a file of drivers/bmc, or an
 * installed package `esi-bmc-…` (also scoped). Throws `BmcError('settings')` where there is none.
 */
export const loadBmcDriver = (name: string): Promise<BmcDriver> => {
  const known = loaded.get(name)
  if (known) return known
  const loading = load(name)
  // A package may be installed later; only success is kept.
  loading.then(() => loaded.set(name, loading)).catch(() => undefined)
  return loading
}

const load = async (name: string): Promise<BmcDriver> => {
  const where = locate(name)
  if (where === null)
    throw new BmcError('settings', `There is no BMC driver "${name.slice(0, 80)}". Name one that the server has, for example redfish.`)
  let module: { readonly default?: unknown }
  try {
    module = await import(where)
  } catch (error) {
    throw new BmcError('settings', `The BMC driver "${name}" cannot be loaded: ${(error as Error).message}`, { cause: error })
  }
  const driver = module.default
  if (!isDriver(driver))
    throw new BmcError('settings', `"${name}" is no BMC driver: its default export lacks name, can, settings, check or open.`)
  return driver
}

const locate = (name: string): string | null => {
  if (PACKAGE.test(name)) return name
  const file = Object.hasOwn(FILES, name) ? FILES[name]! : name
  if (!FILE.test(file) || NO_DRIVER.has(file)) return null
  const url = new URL(`./bmc/${file}.ts`, import.meta.url)
  return existsSync(url) ? url.href : null
}

const isDriver = (value: unknown): value is BmcDriver => {
  const driver = value as Partial<BmcDriver> | null | undefined
  return (
    typeof driver === 'object' &&
    driver !== null &&
    typeof driver.name === 'string' &&
    Array.isArray(driver.can) &&
    typeof driver.settings === 'object' &&
    typeof driver.check === 'function' &&
    typeof driver.open === 'function'
  )
}

import { unsupported } from './faults.ts'
import type { Machine } from './machine.ts'
import { at, link, str } from './resource.ts'

/** Whether the running or last start was a secure one; null where the BMC does not say. */
export const secureBoot = async (m: Machine): Promise<boolean | null> => {
  const found = await m.link.find(link(m.system.body, 'SecureBoot'), m.call)
  const now = str(found?.body, 'SecureBootCurrentBoot')
  if (now === 'Enabled' || now === 'Disabled') return now === 'Enabled'
  const next = at(found?.body, 'SecureBootEnable')
  return typeof next === 'boolean' ? next : null
}

/** For the next start. */
export const setSecureBoot = async (m: Machine, on: boolean): Promise<void> => {
  const found = await m.link.find(link(m.system.body, 'SecureBoot'), m.call)
  if (found === null || typeof at(found.body, 'SecureBootEnable') !== 'boolean')
    throw unsupported(m.link.target.origin, "cannot switch secure boot. Set it in the machine's own setup")
  if (at(found.body, 'SecureBootEnable') === on) return
  const done = async () => at((await m.link.get(found.path, m.call)).body, 'SecureBootEnable') === on
  await m.link.patch(found.path, { SecureBootEnable: on }, m.call, { done, of: found, pending: true })
}

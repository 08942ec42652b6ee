import { nameOf, type Step } from '../../domain/steps.ts'
import type { Conducted } from '../../store/conduct-node.ts'
import { BASELINE_CALL, type Turn } from '../hand.ts'
import { applyConfiguration, factoryReset, pretended } from './bios.ts'
import { update } from './firmware.ts'
import type { At } from './job.ts'
import { applyConfiguration as applyRaid, createConfiguration, deleteConfiguration } from './raid.ts'

export type StepWay = (at: At) => Promise<'done' | Turn>

const WAYS: Readonly<Record<string, StepWay>> = {
  'bios.apply_configuration': applyConfiguration,
  'bios.factory_reset': factoryReset,
  'firmware.update': update,
  'raid.create_configuration': createConfiguration,
  'raid.delete_configuration': deleteConfiguration,
  'raid.apply_configuration': applyRaid,
}

const FAKE: Readonly<Record<string, StepWay>> = {
  'bios.apply_configuration': pretended,
  'bios.factory_reset': pretended,
}

const baseline: StepWay = async ({ bmc }) => {
  await bmc.write((b, call) => b.baseline(call), BASELINE_CALL)
  return 'done'
}

/** How a step is done on that node; undefined where it is a fake one that does nothing. */
export const stepWay = (node: Conducted, step: Step): StepWay | undefined => {
  const name = nameOf(step)
  if (name === 'management.baseline') return baseline
  const fake = (node as unknown as Record<string, unknown>)[`${step.interface}_interface`] === 'fake'
  return (fake ? FAKE : WAYS)[name]
}

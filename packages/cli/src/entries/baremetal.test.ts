import { expect, test } from 'vitest'
import { baremetalEntries } from './baremetal.ts'

/** The commands of python-ironicclient 5.8, below `baremetal`; each begins so and goes on with one of these. */
const ORIGINAL: Readonly<Record<string, readonly string[]>> = {
  allocation: ['create', 'delete', 'list', 'set', 'show', 'unset'],
  chassis: ['create', 'delete', 'list', 'set', 'show', 'unset'],
  conductor: ['list', 'show'],
  'deploy template': ['create', 'delete', 'list', 'set', 'show', 'unset'],
  driver: ['list', 'show', 'passthru list', 'property list', 'raid property list'],
  'inspection rule': ['create', 'delete', 'list', 'set', 'show', 'unset'],
  node: [
    'abort',
    'add trait',
    'adopt',
    'bios setting list',
    'bios setting show',
    'boot device set',
    'boot device show',
    'boot mode set',
    'children list',
    'clean',
    'console disable',
    'console enable',
    'console show',
    'create',
    'delete',
    'deploy',
    'firmware list',
    'history get',
    'history list',
    'hold',
    'inject nmi',
    'inspect',
    'inventory save',
    'list',
    'maintenance set',
    'maintenance unset',
    'manage',
    'passthru list',
    'power off',
    'power on',
    'provide',
    'reboot',
    'rebuild',
    'remove trait',
    'rescue',
    'secure boot off',
    'secure boot on',
    'service',
    'set',
    'show',
    'trait list',
    'undeploy',
    'unhold',
    'unrescue',
    'unset',
    'validate',
    'vif attach',
    'vif detach',
    'vif list',
    'vmedia attach',
    'vmedia detach',
  ],
  port: ['create', 'delete', 'list', 'set', 'show', 'unset'],
  'port group': ['create', 'delete', 'list', 'set', 'show', 'unset'],
  runbook: ['create', 'delete', 'list', 'set', 'show', 'unset'],
  shard: ['list'],
  'volume connector': ['create', 'delete', 'list', 'set', 'show', 'unset'],
  'volume target': ['create', 'delete', 'list', 'set', 'show', 'unset'],
}

/** Not here: what depends on the maker of the hardware alone, and has no caller that is not a program of that maker. */
const WITHOUT = ['driver passthru call', 'node passthru call']

test('whoever knows the original’s commands finds them here', () => {
  const ours = new Set(baremetalEntries.map(e => e.words))
  const missing = Object.entries(ORIGINAL).flatMap(([noun, verbs]) =>
    verbs.map(verb => `baremetal ${noun} ${verb}`).filter(words => !ours.has(words)),
  )
  expect(missing).toEqual([])
  expect(WITHOUT.filter(words => ours.has(`baremetal ${words}`))).toEqual([])
})

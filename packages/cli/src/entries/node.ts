import type { Entry } from '../command.ts'
import { entry } from './entry.ts'

/** One line each about what stands below a node; how it is asked is in commands/node/parts.ts. */
const PARTS: readonly (readonly [words: string, brief: string])[] = [
  ['inject nmi', "interrupt a node's system, so that it dumps itself"],
  ['boot mode set', 'say whether a node starts by UEFI or BIOS'],
  ['secure boot on', 'let a node start signed systems only'],
  ['secure boot off', 'let a node start any system'],
  ['bios setting list', "list a node's BIOS settings"],
  ['bios setting show', "show one of a node's BIOS settings"],
  ['firmware list', "list a node's firmware"],
  ['console show', "show where a node's console is"],
  ['console enable', "switch a node's console on"],
  ['console disable', "switch a node's console off"],
  ['raid set', "say how a node's disks are to be joined"],
  ['inventory save', 'print what a node was found to be made of'],
  ['children list', 'list the nodes that are part of a node'],
  ['history list', 'list what happened to a node'],
  ['history get', "show one entry of a node's history"],
  ['vif list', 'list the networks that a node is attached to'],
  ['vif attach', 'attach a node to a network'],
  ['vif detach', 'detach a node from a network'],
  ['vmedia show', 'show what is in the virtual drives of a node'],
  ['vmedia attach', 'put an image into a virtual drive of a node'],
  ['vmedia detach', 'take images out of the virtual drives of a node'],
  ['indicator list', "list a node's lights"],
  ['indicator show', "show one of a node's lights"],
  ['indicator set', "switch one of a node's lights"],
  ['passthru call', 'call what only the maker of a node has'],
  ['passthru list', 'list what only the maker of a node has'],
]

export const partEntries = (prefix: string): Entry[] => [
  ...PARTS.map(([words, brief]) =>
    entry(`${prefix} ${words}`, brief, async () => (await import('../commands/node/parts.ts')).PARTS[words]!(brief)),
  ),
  entry(
    `${prefix} console connect`,
    "sit at a node's serial console",
    async () => (await import('../commands/node/console/connect.ts')).connect,
  ),
]

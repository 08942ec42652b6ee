/** Who may import whom, and what may stand where (docs/architecture.md). Ends with 1 and a list of what is wrong. */
import { fileURLToPath } from 'node:url'
import { contentFaults } from './boundaries/content.ts'
import { importFaults } from './boundaries/imports.ts'
import { readNames } from './boundaries/names.ts'
import { readTree } from './boundaries/source.ts'

/** What the checker must see at least; fewer, and it is blind rather than content. */
export interface Least {
  readonly files: number
  readonly edges: number
}

export interface Verdict {
  readonly faults: readonly string[]
  readonly files: number
  readonly edges: number
  readonly tables: number
}

export const boundaries = async (root: string, least: Least): Promise<Verdict> => {
  const tree = readTree(root)
  const { names, tables, faults } = await readNames(tree.root)
  const all = [...tree.faults, ...faults, ...importFaults(tree), ...contentFaults(tree, names)]
  const [files, edges] = [tree.sources.length, tree.edges.length]
  if (files < least.files || edges < least.edges)
    all.push(`the checker is blind: it saw ${files} files and ${edges} imports, and expects at least ${least.files} and ${least.edges}`)
  return { faults: all, files, edges, tables }
}

/** Raised as the house grows. */
const LEAST: Least = { files: 150, edges: 550 }

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const verdict = await boundaries(fileURLToPath(new URL('..', import.meta.url)), LEAST)
  for (const fault of verdict.faults) console.error(fault)
  console.log(`boundaries: ${verdict.files} files, ${verdict.edges} imports, ${verdict.tables} tables, ${verdict.faults.length} faults`)
  if (verdict.faults.length) process.exitCode = 1
}

import { transitions as provision } from '../../packages/api/src/baremetal/states.ts'

/** docs/states.md: the provision states as a diagram, from the table that the server decides by. */
export const states = async (): Promise<Readonly<Record<string, string>>> => {
  const id = (state: string): string => state.replace(/\W/g, '_')
  const table: Readonly<Record<string, Readonly<Record<string, string>>>> = provision
  const names = Object.keys(table)
  const lines = [
    ...names.filter(name => /\W/.test(name)).map(name => `    state "${name}" as ${id(name)}`),
    ...names.flatMap(from => Object.entries(table[from]!).map(([event, to]) => `    ${id(from)} --> ${id(to)}: ${event}`)),
  ]
  return {
    'docs/states.md': `# Provision states

What follows what, from \`packages/api/src/baremetal/states.ts\`: ${names.length} states. The server, the command line and this picture read one table.

\`\`\`mermaid
stateDiagram-v2
${lines.join('\n')}
\`\`\`
`,
  }
}

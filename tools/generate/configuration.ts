import { siteTable } from '../../packages/server/src/config.ts'
import { describe, markdown } from '../../packages/server/src/kit/config/describe.ts'
import { configTable as baremetal } from '../../packages/server/src/services/baremetal/config.ts'
import { configTable as identity } from '../../packages/server/src/services/identity/config.ts'
import { configTable as leasing } from '../../packages/server/src/services/leasing/config.ts'

/** docs/configuration.md, from the tables that read the configuration. */
export const configuration = async (): Promise<Readonly<Record<string, string>>> => ({
  'docs/configuration.md': `# Configuration

\`esi-server start --config FILE\` reads a YAML file with these keys (\`a.b\` is \`b\` below \`a\`). Each can be given by an environment
variable instead; a secret also by a file that holds it. A key that is unknown or of the wrong type stops the start, with the line.

${markdown(describe(siteTable))}
## The identity service

${markdown(describe(identity, ['identity']))}
## The bare-metal service

${markdown(describe(baremetal, ['baremetal']))}
## The leasing service

${markdown(describe(leasing, ['leasing']))}`,
})

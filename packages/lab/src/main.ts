import { type Command, given, help, Usage } from './cli/command.ts'
import { add, fault, list, log, power, stop } from './cli/others.ts'
import { start } from './cli/start.ts'

const commands: readonly Command[] = [start, list, fault, power, log, add, stop]

/** `esi-lab`. Sets the exit code: 0 done, 1 it could not, 2 the command line is wrong. */
export async function main(argv: readonly string[]): Promise<void> {
  const [word, ...rest] = argv
  const command = commands.find(c => c.name === word)
  if (!command) {
    const asked = word === undefined || word === '--help' || word === '-h' || word === 'help'
    const text = [
      'Usage: esi-lab COMMAND [flags]',
      '',
      'A rack of simulated machines whose BMCs speak Redfish over HTTPS.',
      '',
      ...commands.map(c => `  ${c.name.padEnd(8)}${c.doc.split('\n', 1)[0]!.split('. ', 1)[0]}`),
      '',
      'esi-lab COMMAND --help says more.',
      '',
    ].join('\n')
    if (asked) process.stdout.write(text)
    else process.stderr.write(`esi-lab: there is no command '${word}'\n\n${text}`)
    process.exitCode = asked ? 0 : 2
    return
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(help(command))
    return
  }
  try {
    process.exitCode = await command.run(given(command, rest))
  } catch (error) {
    process.stderr.write(`esi-lab: ${(error as Error).message}\n`)
    process.exitCode = error instanceof Usage ? 2 : 1
  }
}

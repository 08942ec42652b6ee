import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { clientEnvironment, PYTHON } from '../../tools/debian.ts'
import type { Outcome } from './outcome.ts'

/** Runs a Python script of ours that tells one outcome a line. */
export const runPython = async (
  script: string,
  argv: readonly string[],
  how: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Outcome[]> => {
  const env = clientEnvironment({ PYTHONWARNINGS: 'ignore', LC_ALL: 'C.UTF-8', ...how.env })
  const child = spawn(PYTHON, [script, ...argv], { cwd: how.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-10_000)))
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const outcomes: Outcome[] = []
  for await (const line of createInterface({ input: child.stdout })) outcomes.push(JSON.parse(line))
  const code = await ended
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${said}`)
  return outcomes
}

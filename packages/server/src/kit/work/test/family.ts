import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ChildSettings, Said } from './child.ts'

export interface Child {
  readonly who: string
  readonly said: readonly Said[]
  /** What it says for the nth time, or has said already. */
  hear(is: Said['is'], key?: string, nth?: number): Promise<Said>
  tell(message: object): void
  signal(name: NodeJS.Signals): void
  readonly gone: Promise<void>
}

/** Starts processes of that program and ends them all, also the stopped ones. */
export const createFamily = (program = new URL('./child.ts', import.meta.url)) => {
  const children: ChildProcess[] = []
  return {
    async start(settings: ChildSettings): Promise<Child> {
      const child = fork(fileURLToPath(program), [JSON.stringify(settings)], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        execArgv: [],
      })
      children.push(child)
      const said: Said[] = []
      const wake: (() => void)[] = []
      let ended = false
      child.on('message', message => {
        said.push(message as Said)
        for (const call of wake.splice(0)) call()
      })
      const gone = new Promise<void>(resolve =>
        child.once('exit', () => {
          ended = true
          resolve()
        }),
      )
      const self: Child = {
        who: settings.who,
        said,
        gone,
        tell: message => child.send(message),
        signal: name => child.kill(name),
        async hear(is, key, nth = 1) {
          for (;;) {
            const found = said.filter(s => s.is === is && (key === undefined || s.key === key))[nth - 1]
            if (found) return found
            if (ended) throw new Error(`${settings.who} ended before it said "${is}"`)
            await Promise.race([new Promise<void>(resolve => wake.push(resolve)), gone])
          }
        },
      }
      await self.hear('ready')
      return self
    },
    async end(): Promise<void> {
      for (const child of children)
        if (child.exitCode === null && child.signalCode === null) {
          const gone = new Promise(resolve => child.once('exit', resolve))
          child.kill('SIGKILL')
          await gone
        }
    },
  }
}

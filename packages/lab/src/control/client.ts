import { join, resolve } from 'node:path'
import { readJson } from '../files.ts'
import type { CallsView, Fault, FaultOrder, LabFile, LabView, MachineView, SecretsFile } from './protocol.ts'

/** Speaks to the control API of a running lab. Every method throws an Error with the lab's own sentence. */
export class LabControl {
  private readonly base: string
  private readonly token: string

  constructor(base: string, token: string) {
    this.base = base
    this.token = token
  }

  /** The lab of a folder, as its files describe it. Throws when it was never started there. */
  static of(folder: string): LabControl {
    const file = readJson(join(resolve(folder), 'lab.json')) as LabFile | undefined
    const secrets = readJson(join(resolve(folder), 'secrets.json')) as SecretsFile | undefined
    if (!file || !secrets) throw new Error(`there is no lab in ${folder}; start one with: esi-lab start --folder ${folder}`)
    return new LabControl(file.control, secrets.token)
  }

  about(): Promise<LabView> {
    return this.ask('GET', '')
  }

  async machines(): Promise<MachineView[]> {
    return (await this.ask<{ machines: MachineView[] }>('GET', 'machines')).machines
  }

  machine(name: string): Promise<MachineView> {
    return this.ask('GET', `machines/${encodeURIComponent(name)}`)
  }

  add(config: Record<string, unknown>): Promise<MachineView> {
    return this.ask('POST', 'machines', config)
  }

  change(
    name: string,
    changes: { disks?: (string | null)[]; certificate?: 'new'; override?: 'none'; power?: 'On' | 'Off' },
  ): Promise<MachineView> {
    return this.ask('PATCH', `machines/${encodeURIComponent(name)}`, changes)
  }

  /** The power button at its front. */
  press(name: string, how: 'short' | 'long'): Promise<{ did: boolean }> {
    return this.ask('POST', `machines/${encodeURIComponent(name)}/press`, { how })
  }

  restartBmc(name: string, seconds?: number): Promise<unknown> {
    return this.ask('POST', `machines/${encodeURIComponent(name)}/restart-bmc`, seconds === undefined ? {} : { seconds })
  }

  async faults(): Promise<Fault[]> {
    return (await this.ask<{ faults: Fault[] }>('GET', 'faults')).faults
  }

  fault(order: FaultOrder): Promise<Fault> {
    return this.ask('POST', 'faults', order)
  }

  async clearFaults(which: { id?: number; machine?: string; kind?: string } = {}): Promise<number> {
    const { id, ...query } = which
    const at = id === undefined ? `faults?${new URLSearchParams(query)}` : `faults/${id}`
    return (await this.ask<{ cleared: number }>('DELETE', at)).cleared
  }

  /** `waitMs`: how long to wait for a first call that matches. */
  calls(
    query: { machine?: string; method?: string; path?: string; after?: number; changes?: boolean; waitMs?: number } = {},
  ): Promise<CallsView> {
    const { waitMs, ...rest } = query
    const search = new URLSearchParams(Object.entries(rest).map(([k, v]): [string, string] => [k, String(v)]))
    if (waitMs !== undefined) search.set('wait', String(waitMs))
    return this.ask('GET', `calls?${search}`)
  }

  forgetCalls(): Promise<{ last: number }> {
    return this.ask('DELETE', 'calls')
  }

  addUser(pid: number): Promise<{ users: number[] }> {
    return this.ask('POST', 'users', { pid })
  }

  stop(): Promise<unknown> {
    return this.ask('POST', 'stop')
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response
    try {
      response = await fetch(`${this.base}/${path}`, {
        method,
        headers: { Authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch {
      throw new Error('the lab does not answer: it is not running')
    }
    const result = (await response.json()) as T & { error?: string }
    if (!response.ok) throw new Error(result.error ?? `the lab answered ${response.status}`)
    return result
  }
}

export interface Task {
  readonly id: string
  readonly name: string
  readonly since: number
  ended: number | null
  state: 'Pending' | 'Running' | 'Completed' | 'Exception'
  note: string | null
}

/** The tasks of one BMC, the last fifty. */
export class Tasks {
  private readonly byId = new Map<string, Task>()
  private made = 0

  start(name: string, now: number): Task {
    const task: Task = { id: String(++this.made), name, since: now, ended: null, state: 'Running', note: null }
    this.byId.set(task.id, task)
    if (this.byId.size > 50) this.byId.delete(this.byId.keys().next().value!)
    return task
  }

  end(task: Task, now: number, failed?: string): void {
    task.ended = now
    task.state = failed === undefined ? 'Completed' : 'Exception'
    task.note = failed ?? null
  }

  get(id: string): Task | undefined {
    return this.byId.get(id)
  }

  delete(id: string): boolean {
    return this.byId.delete(id)
  }

  list(): Task[] {
    return [...this.byId.values()]
  }

  clear(): void {
    this.byId.clear()
  }
}

import { refuse } from './message.ts'
import { type Ask, collection, type Json, link, ok, type Reply, type Route, resource } from './route.ts'
import type { Task } from './tasks.ts'

const BASE = '/redfish/v1/TaskService'

/** Tasks and their monitors (DSP0266 §12.2: a monitor answers 202 until the task is over). */
export function taskRoutes(): Route[] {
  return [
    {
      path: BASE,
      GET: ({ machine }) =>
        ok(
          resource(BASE, 'TaskService.v1_2_0.TaskService', 'TaskService', 'Task Service', {
            DateTime: iso(machine.now()),
            ServiceEnabled: true,
            CompletedTaskOverWritePolicy: 'Oldest',
            LifeCycleEventOnTaskStateChange: false,
            Status: { State: 'Enabled', Health: 'OK' },
            Tasks: link(`${BASE}/Tasks`),
          }),
        ),
    },
    {
      path: `${BASE}/Tasks`,
      GET: ({ bmc }) =>
        ok(
          collection(
            `${BASE}/Tasks`,
            'TaskCollection',
            'Tasks',
            bmc.tasks.list().map(t => `${BASE}/Tasks/${t.id}`),
          ),
        ),
    },
    {
      path: `${BASE}/Tasks/:id`,
      writes: 'operator',
      // 202 while it runs, as an iDRAC answers: sushy takes the task itself for its monitor.
      GET: ask => {
        const task = found(ask)
        return running(task) ? accepted(task) : ok(shown(task))
      },
      DELETE: ask => {
        ask.bmc.tasks.delete(found(ask).id)
        return { status: 204 }
      },
    },
    {
      path: `${BASE}/TaskMonitors/:id`,
      GET: ask => {
        const task = found(ask)
        if (running(task)) return accepted(task)
        ask.bmc.tasks.delete(task.id)
        return ok(shown(task))
      },
    },
  ]
}

/** Answers 202 with a task that is over after so many of the machine's milliseconds. `work` may fail it by returning a sentence. */
export function taskAnswer(ask: Ask, name: string, ms: number, work?: () => string | undefined): Reply {
  const { tasks } = ask.bmc
  const task = tasks.start(name, ask.machine.now())
  ask.machine.after(ms, () => tasks.end(task, ask.machine.now(), work?.()))
  return accepted(task)
}

/** The same with a task that waits for something; whoever is given it carries it on and ends it. */
export function pendingAnswer(ask: Ask, name: string, begin: (task: Task, end: (failed?: string) => void) => void): Reply {
  const { tasks } = ask.bmc
  const task = tasks.start(name, ask.machine.now())
  task.state = 'Pending'
  begin(task, failed => tasks.end(task, ask.machine.now(), failed))
  return accepted(task)
}

function accepted(task: Task): Reply {
  return { status: 202, body: shown(task), headers: { Location: `${BASE}/TaskMonitors/${task.id}`, 'Retry-After': '1' } }
}

function found({ bmc, params, path }: Ask): Task {
  const task = bmc.tasks.get(params['id']!)
  if (!task) throw refuse('ResourceMissingAtURI', [path])
  return task
}

function shown(task: Task): Json {
  return resource(`${BASE}/Tasks/${task.id}`, 'Task.v1_5_0.Task', task.id, task.name, {
    TaskState: task.state,
    TaskStatus: task.state === 'Exception' ? 'Critical' : 'OK',
    StartTime: iso(task.since),
    ...(task.ended === null ? {} : { EndTime: iso(task.ended) }),
    PercentComplete: running(task) ? 0 : 100,
    TaskMonitor: `${BASE}/TaskMonitors/${task.id}`,
    Messages: task.note === null ? [] : [{ MessageId: 'Base.1.8.GeneralError', Message: task.note, Severity: 'Critical' }],
  })
}

/** Not over: it is shown as under way by its monitor. */
const running = (task: Task) => task.ended === null

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')
}

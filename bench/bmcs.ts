// A rack of thousands of lab BMCs in one process, and the Redfish driver reading and switching them.
//   node_modules/.bin/node bench/bmcs.ts [--count 10000] [--sample 1000] [--at-once 32]
// Every BMC of the sample is read (login, root, system) and switched on and read back; then all of the lab are read once.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { redfish } from '../packages/server/src/drivers/bmc/redfish.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    sample: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '32' },
  },
})
const [count, sample, atOnce] = [Number(values.count), Number(values.sample), Number(values['at-once'])]
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Megabytes and CPU seconds of a process, as the kernel has them. */
const used = (pid: number) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const times = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  const mb = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024)
  return { rss: mb('VmRSS'), most: mb('VmHWM'), cpu: (Number(times[11]) + Number(times[12])) / 100 }
}

const each = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
  let next = 0
  const one = async () => {
    for (let i = next++; i < items.length; i = next++) await work(items[i]!)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}

const folder = mkdtempSync(join(tmpdir(), 'esi-bmcs-'))
const program = fileURLToPath(new URL('../packages/lab/bin/esi-lab.mjs', import.meta.url))
const began = performance.now()
const args = ['start', '--folder', folder, '--count', String(count), '--speed', '100', '--parent', String(process.pid)]
const lab = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  for await (const _ of createInterface({ input: lab.stdout! })) break
  const pid = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')).pid as number
  const file = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8'))
  const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))
  const first = used(pid)
  say(`${file.machines.length} BMCs, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)} before; ${atOnce} at once`)
  say(`started in ${((performance.now() - began) / 1000).toFixed(1)} s: ${first.rss} MB, ${first.cpu.toFixed(1)} s of CPU`)

  const driver = redfish({ limits: { idle: 200 } })
  const call = { signal: new AbortController().signal, before: async () => undefined }
  const open = ({ name, address, system }: { name: string; address: string; system: string }) =>
    driver.open({
      redfish_address: address,
      redfish_system_id: system,
      redfish_username: secrets.machines[name].user,
      redfish_password: secrets.machines[name].password,
      redfish_verify_ca: file.ca,
    })
  const measure = async (what: string, machines: readonly any[], work: (bmc: ReturnType<typeof open>) => Promise<unknown>) => {
    const [before, mine, at] = [used(pid), process.cpuUsage(), performance.now()]
    const times: number[] = []
    await each(machines, async machine => {
      const start = performance.now()
      await work(open(machine))
      times.push(performance.now() - start)
    })
    const [seconds, after, ours] = [(performance.now() - at) / 1000, used(pid), process.cpuUsage(mine)]
    times.sort((a, b) => a - b)
    const per = (cpu: number) => `${((cpu * 1000) / machines.length).toFixed(1)} ms`
    const quantile = (q: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * q))]!)
    say(
      `${what}: ${machines.length} in ${seconds.toFixed(1)} s (${Math.round(machines.length / seconds)}/s), p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms; ` +
        `CPU a machine: lab ${per(after.cpu - before.cpu)}, driver ${per((ours.user + ours.system) / 1e6)}; lab ${after.rss} MB (at most ${after.most}), driver ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
    )
  }
  const step = Math.max(1, Math.floor(file.machines.length / sample))
  const chosen = file.machines.filter((_: unknown, i: number) => i % step === 0).slice(0, sample)
  await measure('read power', chosen, bmc => bmc.power(call))
  await measure('switch on and read back', chosen, async bmc => {
    await bmc.setPower('on', call)
    while ((await bmc.power(call)) !== 'on') await new Promise(resolve => setTimeout(resolve, 50))
  })
  await measure('read all', file.machines, bmc => bmc.power(call))
  await driver.close!()
  const last = used(pid)
  say(`afterwards: lab ${last.rss} MB (at most ${last.most}), ${last.cpu.toFixed(1)} s of CPU in all`)
} finally {
  const ended = once(lab, 'exit')
  lab.kill()
  await ended
  rmSync(folder, { recursive: true, force: true })
}

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { runServer, type Site, startServer } from './site.ts'

export interface BareSite extends Site {
  readonly adminPassword: string
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** A site as an operator sets it up, with an administrator and nothing else. */
export const startBareSite = async (config: Readonly<Record<string, unknown>>): Promise<BareSite> => {
  const adminPassword = randomBytes(12).toString('base64url')
  const port = await freePort()
  const site = await startServer(
    folder => ['start', '--config', join(folder, 'esi.yaml')],
    /"url":"([^"]+)".*the site is up/,
    async folder => {
      const file = join(folder, 'esi.yaml')
      const all = { listen: `127.0.0.1:${port}`, state: join(folder, 'state'), log: { level: 'info', format: 'json' }, ...config }
      writeFileSync(file, stringify(all))
      await runServer(['init', '--config', file, '--password-file', '-', '--clouds', join(folder, 'clouds.yaml')], adminPassword)
    },
  )
  return { ...site, clouds: join(site.folder, 'clouds.yaml'), adminPassword }
}

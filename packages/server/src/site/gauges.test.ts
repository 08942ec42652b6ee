import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { gaugesOf } from './gauges.ts'

it('shows what services measure at that moment, and nothing of what they measured before', async () => {
  const registry = new Registry()
  let groups = ['', 'east']
  const collect = gaugesOf(registry, [
    async () => [{ name: 'esi_x', help: 'X.', labels: ['group'], values: groups.map((group, n) => ({ of: { group }, value: n + 1 })) }],
    async () => {
      throw new Error('it cannot say')
    },
  ])
  await collect()
  expect(await registry.metrics()).toContain('esi_x{group=""} 1\nesi_x{group="east"} 2')
  groups = ['']
  await collect()
  const text = await registry.metrics()
  expect(text).toContain('esi_x{group=""} 1')
  expect(text).not.toContain('east')
})

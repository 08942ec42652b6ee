import { expect, it } from 'vitest'
import { isFillable } from './endpoint-url.ts'

it('knows what can be filled in in a URL', () => {
  for (const url of ['http://h', 'http://h/$(project_id)s', 'http://h/%(tenant_id)s/%(user_id)s', '$(public_url)s/x', 'http://h/%%20'])
    expect(isFillable(url), url).toBe(true)
  for (const url of [
    'http://h/%(nope)s',
    'http://h/$(nope)s',
    'http://h/%(project_id)',
    'http://h/%(project_id)d',
    'http://h/%20',
    'http://h/$(',
  ])
    expect(isFillable(url), url).toBe(false)
})

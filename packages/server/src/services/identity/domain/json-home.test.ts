import { describe, expect, it } from 'vitest'
import { jsonHome, prefersHome } from './json-home.ts'

describe('the home document', () => {
  it('has what is served, with the relations of its parameters', () => {
    const base = 'https://docs.openstack.org/api/openstack-identity/3'
    expect(jsonHome(['/v3/users', '/v3/OS-TRUST/trusts/:trust/roles/:role', '/v3/limits/model', '/v3/nothing'], '/v3')).toEqual({
      resources: {
        [`${base}/rel/users`]: { href: '/v3/users' },
        [`${base}/rel/limit_model`]: { href: '/v3/limits/model', hints: { status: 'experimental' } },
        [`${base}/ext/OS-TRUST/1.0/rel/trust_role`]: {
          'href-template': '/v3/OS-TRUST/trusts/{trust_id}/roles/{role_id}',
          'href-vars': { trust_id: `${base}/ext/OS-TRUST/1.0/param/trust_id`, role_id: `${base}/param/role_id` },
        },
      },
    })
  })

  it.each([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['application/json-home', true],
    ['application/json, application/json-home', false],
    ['application/json;q=0.5, application/json-home', true],
    ['application/json-home;q=0.1, */*', false],
    ['text/html', false],
  ])('is given to who accepts %s: %s', (accept, expected) => expect(prefersHome(accept)).toBe(expected))
})

import { expect, it } from 'vitest'
import type { Authenticator } from '../../kit/auth/caller.ts'

/** People whom an identity service knows, with a token each. */
export interface Site {
  readonly authenticator: Authenticator
  readonly user: { readonly id: string; readonly name: string }
  readonly project: { readonly id: string; readonly name: string }
  /** For the project, with the role member; for the whole system; for the default domain; for nothing. */
  readonly tokens: { readonly project: string; readonly system: string; readonly domain: string; readonly unscoped: string }
  /** Of a program that may only list bare-metal nodes. */
  readonly restricted: string
  /** A token that is good now, and how to end it. */
  issue(): Promise<{ readonly token: string; end(): Promise<void> }>
}

/** What everyone may expect of whoever knows callers. To be called within a `describe`. */
export const identityContract = (site: () => Site): void => {
  it('knows who has a token for a project, and their roles there with all that these imply', async () => {
    const { authenticator, tokens, user, project } = site()
    const caller = await authenticator.authenticate(tokens.project)
    expect(caller).toMatchObject({
      user: { ...user, domain: 'default' },
      project: { ...project, domain: 'default' },
      audit: expect.stringMatching(/^[\w-]{22}$/),
    })
    expect([...caller!.roles].sort()).toEqual(['member', 'reader'])
    expect(caller).not.toHaveProperty('system')
    expect(caller).not.toHaveProperty('domain')
  })

  it('knows tokens for the system, for a domain and for nothing', async () => {
    const { authenticator, tokens, user } = site()
    const system = await authenticator.authenticate(tokens.system)
    expect(system).toMatchObject({ user, system: true })
    expect(system!.roles).toContain('reader')
    expect(system).not.toHaveProperty('project')
    expect(await authenticator.authenticate(tokens.domain)).toMatchObject({ user, domain: 'default' })
    const unscoped = await authenticator.authenticate(tokens.unscoped)
    expect(unscoped).toMatchObject({ user, roles: [] })
    for (const scope of ['project', 'domain', 'system']) expect(unscoped).not.toHaveProperty(scope)
  })

  it('knows nobody by a token that is none', async () => {
    const { authenticator, tokens } = site()
    for (const none of ['nothing', `${tokens.project}x`, tokens.project.slice(0, -4), 'two\r\nlines', 'ä', 'x'.repeat(10_000), ' '])
      expect(await authenticator.authenticate(none)).toBeUndefined()
  })

  it('knows nobody by a token that was ended', async () => {
    const { authenticator, issue } = site()
    const { token, end } = await issue()
    expect(await authenticator.authenticate(token)).toBeDefined()
    await end()
    await expect.poll(() => authenticator.authenticate(token), { interval: 10 }).toBeUndefined()
  })

  it('lets a token that is for some requests only be used for those', async () => {
    const { authenticator, restricted } = site()
    const access = (method: string, path: string, prefix = '/baremetal') => ({ prefix, method, path })
    expect(await authenticator.authenticate(restricted, access('GET', '/v1/nodes'))).toBeDefined()
    expect(await authenticator.authenticate(restricted, access('POST', '/v1/nodes'))).toBeUndefined()
    expect(await authenticator.authenticate(restricted, access('GET', '/v1/nodes/x'))).toBeUndefined()
    expect(await authenticator.authenticate(restricted, access('GET', '/v1/nodes', '/reservation'))).toBeUndefined()
    expect(await authenticator.authenticate(restricted)).toBeUndefined()
  })
}

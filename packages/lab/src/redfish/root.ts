import type { Flavour } from '../flavours/flavour.ts'
import { refuse } from './message.ts'
import { readPatch, wholeFrom } from './patch.ts'
import { collection, link, ok, type Route, resource } from './route.ts'

const V1 = '/redfish/v1'

/** Service root, sessions and tasks. */
export function rootRoutes(f: Flavour): Route[] {
  const sessions = `${V1}/${f.sessions}`
  return [
    { path: '/redfish', open: ['GET'], GET: () => ok({ v1: `${V1}/` }) },
    {
      path: `${V1}/odata`,
      open: ['GET'],
      GET: () =>
        ok({
          '@odata.context': `${V1}/$metadata`,
          value: ['Systems', 'Chassis', 'Managers', 'SessionService', 'AccountService'].map(name => ({
            name,
            kind: 'Singleton',
            url: `${V1}/${name}`,
          })),
        }),
    },
    {
      path: `${V1}/$metadata`,
      open: ['GET'],
      GET: () => ({ status: 200, body: METADATA, headers: { 'Content-Type': 'application/xml' } }),
    },
    {
      path: V1,
      open: ['GET'],
      GET: ({ machine }) =>
        ok(
          resource(`${V1}/`, 'ServiceRoot.v1_9_0.ServiceRoot', 'RootService', 'Root Service', {
            RedfishVersion: f.redfish,
            UUID: machine.spec.uuid,
            Vendor: f.vendor,
            Product: f.bmcModel,
            ProtocolFeaturesSupported: {
              ExpandQuery: { ExpandAll: false, Levels: false, Links: false, NoLinks: false },
              FilterQuery: false,
              SelectQuery: false,
              OnlyMemberQuery: false,
              ExcerptQuery: false,
            },
            Systems: link(`${V1}/Systems`),
            Chassis: link(`${V1}/Chassis`),
            Managers: link(`${V1}/Managers`),
            AccountService: link(`${V1}/AccountService`),
            SessionService: link(`${V1}/SessionService`),
            Tasks: link(`${V1}/TaskService`),
            Registries: link(`${V1}/Registries`),
            ...(f.update ? { UpdateService: link(`${V1}/UpdateService`) } : {}),
            Links: { Sessions: link(sessions) },
          }),
        ),
    },
    {
      path: `${V1}/SessionService`,
      writes: 'administrator',
      GET: ({ machine }) => ok(sessionService(machine.state.sessionTimeout, sessions)),
      PATCH: ({ machine, body }) => {
        const current = sessionService(machine.state.sessionTimeout, sessions)
        const changes = readPatch(body, current, { SessionTimeout: wholeFrom(30, 86_400) })
        machine.state.sessionTimeout = changes.get('SessionTimeout') as number
        machine.saved()
        return ok(sessionService(machine.state.sessionTimeout, sessions))
      },
    },
    {
      path: sessions,
      open: ['POST'],
      GET: ({ bmc, machine }) =>
        ok(
          collection(
            sessions,
            'SessionCollection',
            'Sessions',
            bmc.sessions.list(machine.now(), machine.state.sessionTimeout).map(s => `${sessions}/${s.id}`),
          ),
        ),
      POST: ({ bmc, machine, body }) => {
        const { UserName: user, Password: password } = body
        if (typeof user !== 'string') throw refuse('PropertyMissing', ['UserName'])
        if (typeof password !== 'string') throw refuse('PropertyMissing', ['Password'])
        const account = machine.state.accounts.find(a => a.user === user && a.password === password && a.enabled && user !== '')
        if (!account) throw refuse('ResourceAtUriUnauthorized', [sessions, 'wrong user name or password'])
        const session = bmc.sessions.open(user, machine.now(), f.sessionLimit, machine.state.sessionTimeout)
        if (!session) throw refuse('SessionLimitExceeded', [], f.sessionLimitStatus)
        return {
          status: 201,
          headers: { 'X-Auth-Token': session.token, Location: `${sessions}/${session.id}` },
          body: resource(`${sessions}/${session.id}`, 'Session.v1_3_0.Session', session.id, 'Session', { UserName: user }),
        }
      },
    },
    {
      path: `${sessions}/:id`,
      writes: 'login',
      GET: ({ bmc, machine, params, path }) => {
        const session = bmc.sessions.list(machine.now(), machine.state.sessionTimeout).find(s => s.id === params['id'])
        if (!session) throw refuse('ResourceMissingAtURI', [path])
        return ok(resource(path, 'Session.v1_3_0.Session', session.id, 'Session', { UserName: session.user }))
      },
      DELETE: ({ bmc, machine, params, path, account }) => {
        const session = bmc.sessions.list(machine.now(), machine.state.sessionTimeout).find(s => s.id === params['id'])
        if (!session) throw refuse('ResourceMissingAtURI', [path])
        if (session.user !== account?.user && account?.role !== 'Administrator') throw refuse('InsufficientPrivilege')
        bmc.sessions.close(session.id)
        return { status: 204 }
      },
    },
  ]
}

function sessionService(timeout: number, sessions: string) {
  return resource(`${V1}/SessionService`, 'SessionService.v1_1_8.SessionService', 'SessionService', 'Session Service', {
    ServiceEnabled: true,
    SessionTimeout: timeout,
    Status: { State: 'Enabled', Health: 'OK' },
    Sessions: link(sessions),
  })
}

const METADATA = `<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
  <edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/ServiceRoot_v1.xml">
    <edmx:Include Namespace="ServiceRoot"/><edmx:Include Namespace="ServiceRoot.v1_9_0"/>
  </edmx:Reference>
  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">
      <EntityContainer Name="Service" Extends="ServiceRoot.v1_9_0.ServiceContainer"/>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`

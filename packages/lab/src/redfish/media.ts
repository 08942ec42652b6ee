import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import { refuse } from './message.ts'
import { type Check, isFlag, isText, isTextOrNull, oneOf, readAction, readPatch } from './patch.ts'
import { type Ask, collection, type Json, nothing, ok, type Reply, type Route, resource } from './route.ts'
import { managerPath } from './system.ts'

const SCHEMES = ['http:', 'https:', 'nfs:', 'cifs:', 'smb:']

const isImage: Check = value => {
  if (typeof value !== 'string') return 'type'
  return URL.canParse(value) && SCHEMES.includes(new URL(value).protocol) ? undefined : 'format'
}

/** Virtual media: an image behind a URL that the machine sees as a drive. The lab does not fetch it. */
export function mediaRoutes(f: Flavour): Route[] {
  const at = `${managerPath(f)}/VirtualMedia`
  const one = `${at}/:id`
  return [
    {
      path: at,
      GET: () =>
        ok(
          collection(
            at,
            'VirtualMediaCollection',
            'Virtual Media',
            f.media.slots.map(s => `${at}/${s.id}`),
          ),
        ),
    },
    {
      path: one,
      writes: 'operator',
      GET: ask => ok(shown(ask.machine, at, slot(ask))),
      ...(f.media.insert === 'patch' && { PATCH: ask => patch(ask, at) }),
    },
    ...(f.media.insert === 'action'
      ? [
          { path: `${one}/Actions/VirtualMedia.InsertMedia`, writes: 'operator' as const, POST: (ask: Ask) => insert(ask) },
          { path: `${one}/Actions/VirtualMedia.EjectMedia`, writes: 'operator' as const, POST: (ask: Ask) => eject(ask) },
        ]
      : []),
  ]
}

function slot({ flavour, params, path }: Ask): string {
  const found = flavour.media.slots.find(s => s.id === params['id'])
  if (!found) throw refuse('ResourceMissingAtURI', [path])
  return found.id
}

function shown(machine: Machine, at: string, id: string): Json {
  const { flavour: f, state } = machine
  const inserted = state.media[id]
  const path = `${at}/${id}`
  return resource(path, 'VirtualMedia.v1_4_0.VirtualMedia', id, `Virtual ${id}`, {
    MediaTypes: f.media.slots.find(s => s.id === id)!.kinds,
    Image: inserted?.image ?? null,
    ImageName: inserted ? inserted.image.split('/').at(-1) : null,
    Inserted: inserted !== undefined,
    WriteProtected: inserted?.writeProtected ?? true,
    ConnectedVia: inserted ? 'URI' : 'NotConnected',
    UserName: inserted?.user ?? null,
    Password: null,
    ...(f.media.insert === 'action'
      ? {
          Actions: {
            '#VirtualMedia.InsertMedia': { target: `${path}/Actions/VirtualMedia.InsertMedia` },
            '#VirtualMedia.EjectMedia': { target: `${path}/Actions/VirtualMedia.EjectMedia` },
          },
        }
      : {}),
  })
}

function insert(ask: Ask): Reply {
  const id = slot(ask)
  const given = readAction(
    'VirtualMedia.InsertMedia',
    ask.body,
    {
      Image: isImage,
      Inserted: isFlag,
      WriteProtected: isFlag,
      UserName: isText,
      Password: isText,
      MediaType: oneOf(['CD', 'DVD', 'USBStick', 'Floppy']),
      TransferMethod: oneOf(['Stream', 'Upload']),
      TransferProtocolType: isText,
    },
    ['Image'],
  )
  put(ask, id, given)
  return nothing
}

function put(ask: Ask, id: string, given: Json): void {
  const { machine } = ask
  if (machine.state.media[id]) throw refuse('ResourceInUse', [], 409)
  if (ask.struck('media-ignored')) return
  machine.state.media[id] = {
    image: given['Image'] as string,
    writeProtected: (given['WriteProtected'] as boolean | undefined) ?? true,
    user: (given['UserName'] as string | undefined) ?? null,
  }
  machine.note('OK', `Virtual media was inserted into ${id}.`)
  machine.saved()
}

function eject(ask: Ask): Reply {
  const id = slot(ask)
  readAction('VirtualMedia.EjectMedia', ask.body, {})
  take(ask, id)
  return nothing
}

function take(ask: Ask, id: string): void {
  if (!ask.machine.state.media[id] || ask.struck('media-ignored')) return
  delete ask.machine.state.media[id]
  ask.machine.note('OK', `Virtual media was ejected from ${id}.`)
  ask.machine.saved()
}

/** Where there is no action, an Image is written to insert it, and null to eject it. */
function patch(ask: Ask, at: string): Reply {
  const id = slot(ask)
  const changes = readPatch(ask.body, shown(ask.machine, at, id), {
    Image: v => (v === null ? undefined : isImage(v)),
    Inserted: isFlag,
    WriteProtected: isFlag,
    UserName: isTextOrNull,
    Password: isTextOrNull,
  })
  const image = changes.get('Image')
  if (image === null || (image === undefined && changes.get('Inserted') === false)) take(ask, id)
  else if (image === undefined) throw refuse('PropertyMissing', ['Image'])
  else put(ask, id, Object.fromEntries(changes))
  return ok(shown(ask.machine, at, id))
}

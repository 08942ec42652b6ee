import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import type { Account } from '../machine/state.ts'
import { message, Refusal, refuse } from './message.ts'
import { type Check, isFlag, oneOf, readPatch } from './patch.ts'
import { type Ask, collection, type Json, link, nothing, ok, type Reply, type Route, resource } from './route.ts'

const AT = '/redfish/v1/AccountService'
const ACCOUNTS = `${AT}/Accounts`
const ROLES = ['Administrator', 'Operator', 'ReadOnly'] as const
const ACCOUNTS_MOST = 16

const isUser: Check = v => (typeof v !== 'string' ? 'type' : /^[\w.@-]{1,32}$/.test(v) ? undefined : 'format')
const isUserOrNone: Check = v => (v === '' ? undefined : isUser(v))
const isPassword: Check = v => (typeof v !== 'string' ? 'type' : v.length >= 4 && v.length <= 127 ? undefined : 'format')

/** Who may log in. */
export function accountRoutes(f: Flavour): Route[] {
  return [
    { path: AT, GET: () => ok(service()) },
    {
      path: ACCOUNTS,
      GET: ({ machine }) =>
        ok(
          collection(
            ACCOUNTS,
            'ManagerAccountCollection',
            'Accounts',
            ids(machine, f).map(id => `${ACCOUNTS}/${id}`),
          ),
        ),
      ...(f.accountSlots === null ? { POST: create } : {}),
    },
    {
      path: `${ACCOUNTS}/:id`,
      // Everybody may change the own password; the rest is looked at below.
      writes: 'login',
      GET: ask => ok(shown(find(ask), ask.params['id']!)),
      PATCH: patch,
      ...(f.accountSlots === null ? { DELETE: remove } : {}),
    },
    {
      path: `${AT}/Roles`,
      GET: () =>
        ok(
          collection(
            `${AT}/Roles`,
            'RoleCollection',
            'Roles',
            ROLES.map(r => `${AT}/Roles/${r}`),
          ),
        ),
    },
    { path: `${AT}/Roles/:id`, GET: ({ params, path }) => ok(role(params['id']!, path)) },
  ]
}

function service(): Json {
  return resource(AT, 'AccountService.v1_10_0.AccountService', 'AccountService', 'Account Service', {
    ServiceEnabled: true,
    MinPasswordLength: 4,
    MaxPasswordLength: 127,
    AccountLockoutThreshold: 0,
    Accounts: link(ACCOUNTS),
    Roles: link(`${AT}/Roles`),
    Status: { State: 'Enabled', Health: 'OK' },
  })
}

function role(id: string, path: string): Json {
  const may = {
    Administrator: ['Login', 'ConfigureManager', 'ConfigureUsers', 'ConfigureComponents', 'ConfigureSelf'],
    Operator: ['Login', 'ConfigureComponents', 'ConfigureSelf'],
    ReadOnly: ['Login', 'ConfigureSelf'],
  }[id]
  if (!may) throw refuse('ResourceMissingAtURI', [path])
  return resource(path, 'Role.v1_3_0.Role', id, `${id} Role`, {
    RoleId: id,
    IsPredefined: true,
    AssignedPrivileges: may,
    OemPrivileges: [],
  })
}

/** With slots every number is there, used or not. */
function ids(machine: Machine, f: Flavour): string[] {
  if (f.accountSlots === null) return machine.state.accounts.map(a => a.id)
  return Array.from({ length: f.accountSlots }, (_, i) => String(i + 1))
}

function find({ machine, flavour, params, path }: Ask): Account | undefined {
  const account = machine.state.accounts.find(a => a.id === params['id'])
  if (!account && !ids(machine, flavour).includes(params['id']!)) throw refuse('ResourceMissingAtURI', [path])
  return account
}

function shown(account: Account | undefined, id: string): Json {
  return resource(`${ACCOUNTS}/${id}`, 'ManagerAccount.v1_8_0.ManagerAccount', id, 'User Account', {
    UserName: account?.user ?? '',
    Password: null,
    RoleId: account?.role ?? 'ReadOnly',
    Enabled: account?.enabled ?? false,
    Locked: false,
    Links: { Role: link(`${AT}/Roles/${account?.role ?? 'ReadOnly'}`) },
  })
}

function create(ask: Ask): Reply {
  const { machine, body } = ask
  const { accounts } = machine.state
  const given = readPatch(body, {}, { UserName: isUser, Password: isPassword, RoleId: oneOf(ROLES), Enabled: isFlag })
  for (const name of ['UserName', 'Password', 'RoleId']) if (!given.has(name)) throw refuse('PropertyMissing', [name])
  const user = given.get('UserName') as string
  if (accounts.some(a => a.user === user)) throw refuse('ResourceAlreadyExists', ['ManagerAccount', 'UserName', user])
  if (accounts.length >= ACCOUNTS_MOST) throw refuse('CreateLimitReachedForResource')
  const id = String(Math.max(0, ...accounts.map(a => Number(a.id))) + 1)
  const account: Account = {
    id,
    user,
    password: given.get('Password') as string,
    role: given.get('RoleId') as Account['role'],
    enabled: (given.get('Enabled') as boolean | undefined) ?? true,
  }
  accounts.push(account)
  machine.note('OK', `The account ${user} was made.`)
  machine.saved()
  return { status: 201, headers: { Location: `${ACCOUNTS}/${id}` }, body: shown(account, id) }
}

function patch(ask: Ask): Reply {
  const { machine, bmc, params, account: who } = ask
  const id = params['id']!
  const account = find(ask)
  const changes = readPatch(ask.body, shown(account, id), {
    UserName: ask.flavour.accountSlots === null ? isUser : isUserOrNone,
    Password: hidden(isPassword),
    RoleId: oneOf(ROLES),
    Enabled: isFlag,
    Locked: isFlag,
  })
  const ownPassword = account !== undefined && account === who && [...changes.keys()].every(k => k === 'Password')
  if (who?.role !== 'Administrator' && !ownPassword) throw refuse('InsufficientPrivilege')
  const { accounts } = machine.state
  const user = changes.get('UserName') as string | undefined
  if (user && accounts.some(a => a.user === user && a !== account))
    throw refuse('ResourceAlreadyExists', ['ManagerAccount', 'UserName', user])
  if (user === '') {
    if (account && account === who) throw refuse('ResourceInUse', [], 409)
    if (account) {
      machine.state.accounts = accounts.filter(a => a !== account)
      bmc.sessions.closeOf(account.user)
      machine.saved()
    }
    return ok(shown(undefined, id))
  }
  let target = account
  if (!target) {
    if (!user || !changes.has('Password')) throw refuse('PropertyMissing', [user ? 'Password' : 'UserName'])
    target = { id, user, password: '', role: 'ReadOnly', enabled: false }
    accounts.push(target)
  }
  if (user && user !== target.user) {
    bmc.sessions.closeOf(target.user)
    target.user = user
  }
  if (changes.has('Password')) {
    target.password = changes.get('Password') as string
    machine.note('OK', `The password of ${target.user} was changed.`)
  }
  if (changes.has('RoleId')) target.role = changes.get('RoleId') as Account['role']
  if (changes.has('Enabled')) target.enabled = changes.get('Enabled') as boolean
  machine.saved()
  return ok(shown(target, id))
}

/** A refused password is not shown in the refusal. */
function hidden(check: Check): Check {
  return value => {
    const problem = check(value)
    if (problem) throw new Refusal(400, [message('PropertyValueFormatError', ['***', 'Password'], ['#/Password'])])
    return undefined
  }
}

function remove(ask: Ask): Reply {
  const { machine, bmc, account: who } = ask
  if (who?.role !== 'Administrator') throw refuse('InsufficientPrivilege')
  const account = find(ask)
  if (account === who) throw refuse('ResourceInUse', [], 409)
  machine.state.accounts = machine.state.accounts.filter(a => a !== account)
  bmc.sessions.closeOf(account!.user)
  machine.note('OK', `The account ${account!.user} was deleted.`)
  machine.saved()
  return nothing
}

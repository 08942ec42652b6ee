import { including } from '../../harness/match.ts'
import type { Story } from '../../harness/row.ts'

const TENANTS = ['owner1', 'owner2', 'lessee1', 'lessee2']
const FORBIDDEN = /\(HTTP 403\)/
/** A login by password, for a cloud that has none. */
const login = (user: string, password: string, project: string): string =>
  `--os-username ${user} --os-password ${password} --os-project-name ${project} --os-user-domain-id default --os-project-domain-id default`

const ENDPOINTS = including(
  { interface: 'public', region: 'RegionOne', url: /^http:\/\/127\.0\.0\.1:\d+\/\w+$/ },
  { interface: 'internal', region: 'RegionOne' },
  { interface: 'admin', region: 'RegionOne' },
)

const logins: Story = {
  name: 'logins and catalog',
  rows: [
    { as: 'admin', run: 'token issue', columns: ['expires', 'id', 'project_id', 'user_id'] },
    {
      as: 'lessee1',
      run: 'token issue',
      keep: { token: 'id', project: 'project_id' },
      shows: { expires: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/ },
    },
    { as: 'lessee1', run: 'project show lessee1', shows: { id: '$project', name: 'lessee1', domain_id: 'default', enabled: true } },
    { as: 'nobody', run: `${login('lessee1', 'wrong', 'lessee1')} token issue`, refused: /requires authentication. \(HTTP 401\)/ },
    {
      as: 'lessee1',
      run: 'catalog list',
      columns: ['Name', 'Type', 'Endpoints'],
      shows: including(
        { Name: 'keystone', Type: 'identity', Endpoints: ENDPOINTS },
        { Name: 'ironic', Type: 'baremetal', Endpoints: ENDPOINTS },
        { Name: 'esi-leap', Type: 'lease', Endpoints: ENDPOINTS },
      ),
    },
    { as: 'owner1', run: 'catalog show baremetal', shows: { name: 'ironic', type: 'baremetal', endpoints: ENDPOINTS } },
    {
      as: 'admin',
      run: 'versions show',
      shows: including(
        { 'Service Type': 'identity', Version: /^3\./, Status: 'CURRENT' },
        { 'Service Type': 'baremetal', Version: '1.0', Status: 'CURRENT', 'Min Microversion': '1.1' },
      ),
    },
    { as: 'lessee1', run: 'token revoke $token' },
    { as: 'lessee1', run: 'token revoke $token', refused: /\(HTTP 404\)/ },
  ],
}

const projects: Story = {
  name: 'projects',
  rows: [
    { as: 'admin', run: 'project list', columns: ['ID', 'Name'], shows: including({ Name: 'admin' }, ...TENANTS.map(Name => ({ Name }))) },
    { as: 'lessee1', run: 'project list', shows: [{ Name: 'lessee1' }] },
    {
      as: 'admin',
      run: "project create --description 'a tenant' --property site=north conf",
      columns: ['description', 'domain_id', 'enabled', 'id', 'is_domain', 'name', 'options', 'parent_id', 'site', 'tags'],
      shows: {
        name: 'conf',
        description: 'a tenant',
        domain_id: 'default',
        enabled: true,
        is_domain: false,
        parent_id: 'default',
        site: 'north',
      },
      keep: { conf: 'id' },
    },
    { as: 'admin', run: 'project create conf', refused: /\(HTTP 409\)/ },
    { as: 'owner1', run: 'project create other', refused: FORBIDDEN },
    { as: 'owner1', run: 'project show $conf', refused: /./ },
    { as: 'admin', run: "project set --name conf2 --description 'another' --disable --tag red conf" },
    { as: 'admin', run: 'project show conf2', shows: { id: '$conf', description: 'another', enabled: false, tags: ['red'] } },
    { as: 'admin', run: 'project set --enable conf2' },
    { as: 'owner1', run: 'project set --name mine conf2', refused: /./ },
    { as: 'admin', run: 'project list --tags red', shows: [{ Name: 'conf2' }] },
    { as: 'admin', run: 'project create --parent conf2 child', shows: { parent_id: '$conf' } },
    { as: 'admin', run: 'project list --parent conf2', shows: [{ Name: 'child' }] },
    { as: 'admin', run: 'project list --long', columns: ['ID', 'Name', 'Domain ID', 'Description', 'Enabled'] },
    { as: 'lessee1', run: 'project delete $conf', refused: FORBIDDEN },
    { as: 'admin', run: 'project delete conf2', refused: /\(HTTP 403\)/ },
    { as: 'admin', run: 'project delete child conf2' },
    { as: 'admin', run: 'project show $conf', refused: /No project with a name or ID of/ },
  ],
}

const users: Story = {
  name: 'users and groups',
  rows: [
    { as: 'admin', run: 'user list', columns: ['ID', 'Name'], shows: including({ Name: 'admin' }, ...TENANTS.map(Name => ({ Name }))) },
    { as: 'lessee1', run: 'user list', refused: FORBIDDEN },
    { as: 'lessee1', run: 'user show lessee1', shows: { name: 'lessee1', enabled: true }, keep: { lessee1: 'id' } },
    { as: 'owner1', run: 'user show $lessee1', refused: /./ },
    {
      as: 'admin',
      run: "user create --domain default --project owner1 --password first-one --email a@b.example --description 'a person' conf-user",
      columns: ['default_project_id', 'description', 'domain_id', 'email', 'enabled', 'id', 'name', 'options', 'password_expires_at'],
      shows: { name: 'conf-user', email: 'a@b.example', description: 'a person', enabled: true, domain_id: 'default' },
      keep: { user: 'id' },
    },
    { as: 'admin', run: 'user create --password x conf-user', refused: /\(HTTP 409\)/ },
    { as: 'owner1', run: 'user create --password x conf-other', refused: FORBIDDEN },
    { as: 'admin', run: 'role add --user conf-user --project owner1 reader' },
    {
      as: 'nobody',
      run: `${login('conf-user', 'first-one', 'owner1')} token issue`,
      shows: { user_id: '$user' },
    },
    {
      as: 'nobody',
      run: `${login('conf-user', 'first-one', 'owner1')} user password set --original-password first-one --password second`,
    },
    { as: 'nobody', run: `${login('conf-user', 'first-one', 'owner1')} token issue`, refused: /\(HTTP 401\)/ },
    { as: 'admin', run: 'user set --name conf-user2 --email c@d.example --password third conf-user' },
    { as: 'nobody', run: `${login('conf-user2', 'third', 'owner1')} token issue`, shows: { user_id: '$user' } },
    { as: 'nobody', run: `${login('conf-user2', 'third', 'owner2')} token issue`, refused: /\(HTTP 401\)/ },
    { as: 'admin', run: 'user set --disable conf-user2' },
    { as: 'nobody', run: `${login('conf-user2', 'third', 'owner1')} token issue`, refused: /\(HTTP 401\)/ },
    { as: 'admin', run: 'user show conf-user2', shows: { id: '$user', email: 'c@d.example', enabled: false } },
    { as: 'admin', run: 'user list --project owner1', shows: including({ Name: 'owner1' }, { Name: 'conf-user2' }) },
    { as: 'admin', run: 'user list --long', columns: ['ID', 'Name', 'Project', 'Domain', 'Description', 'Email', 'Enabled'] },
    {
      as: 'admin',
      run: 'group create --description some conf-group',
      shows: { name: 'conf-group', description: 'some', domain_id: 'default' },
    },
    { as: 'admin', run: 'group add user conf-group conf-user2' },
    { as: 'admin', run: 'group contains user conf-group conf-user2', prints: /conf-user2 in group conf-group/ },
    { as: 'admin', run: 'user list --group conf-group', shows: [{ Name: 'conf-user2' }] },
    { as: 'admin', run: 'group list --user conf-user2', shows: [{ Name: 'conf-group' }] },
    { as: 'admin', run: 'group remove user conf-group conf-user2' },
    { as: 'admin', run: 'user list --group conf-group', shows: [] },
    { as: 'admin', run: 'group delete conf-group' },
    { as: 'lessee1', run: 'user delete $user', refused: /./ },
    { as: 'admin', run: 'user delete conf-user2' },
    { as: 'admin', run: 'user show $user', refused: /No user with a name or ID of/ },
  ],
}

const roles: Story = {
  name: 'roles',
  rows: [
    {
      as: 'admin',
      run: 'role list',
      columns: ['ID', 'Name'],
      shows: including(...['admin', 'member', 'reader', 'owner', 'lessee'].map(Name => ({ Name }))),
    },
    { as: 'lessee1', run: 'role list', refused: FORBIDDEN },
    {
      as: 'admin',
      run: 'role create --description some conf-role',
      shows: { name: 'conf-role', description: 'some', domain_id: null },
      keep: { role: 'id' },
    },
    { as: 'admin', run: 'role create conf-role', refused: /\(HTTP 409\)/ },
    { as: 'owner1', run: 'role create mine', refused: FORBIDDEN },
    { as: 'admin', run: 'role set --name conf-role2 conf-role' },
    { as: 'admin', run: 'role show conf-role2', shows: { id: '$role', name: 'conf-role2' } },
    { as: 'admin', run: 'role add --user lessee1 --project owner1 conf-role2' },
    {
      as: 'admin',
      run: 'role assignment list --user lessee1 --names',
      columns: ['Role', 'User', 'Group', 'Project', 'Domain', 'System', 'Inherited'],
      shows: [
        { Role: 'member', User: 'lessee1@Default', Project: 'lessee1@Default', Inherited: false },
        { Role: 'lessee', User: 'lessee1@Default', Project: 'lessee1@Default' },
        { Role: 'conf-role2', User: 'lessee1@Default', Project: 'owner1@Default' },
      ],
    },
    { as: 'lessee1', run: 'role assignment list', refused: FORBIDDEN },
    { as: 'owner1', run: 'role add --user owner1 --project owner1 admin', refused: /./ },
    { as: 'admin', run: 'role remove --user lessee1 --project owner1 conf-role2' },
    { as: 'admin', run: 'role assignment list --role conf-role2', shows: [] },
    { as: 'admin', run: 'role add --user lessee2 --system all reader' },
    {
      as: 'admin',
      run: 'role assignment list --system all --names',
      shows: including({ Role: 'reader', User: 'lessee2@Default', System: 'all' }),
    },
    { as: 'admin', run: 'role remove --user lessee2 --system all reader' },
    { as: 'admin', run: 'implied role create --implied-role reader conf-role2', shows: { prior_role: '$role' } },
    {
      as: 'admin',
      run: 'implied role list',
      shows: including(
        { 'Prior Role Name': 'admin', 'Implied Role Name': 'manager' },
        { 'Prior Role Name': 'conf-role2', 'Implied Role Name': 'reader' },
      ),
    },
    { as: 'admin', run: 'implied role delete --implied-role reader conf-role2' },
    { as: 'admin', run: 'role delete conf-role2' },
    { as: 'admin', run: 'role show $role', refused: /No role with a name or ID of/ },
  ],
}

const credentials: Story = {
  name: 'application credentials',
  rows: [
    {
      as: 'lessee1',
      run: "application credential create --description 'for a script' --role member conf-script",
      columns: ['description', 'expires_at', 'id', 'name', 'project_id', 'roles', 'secret', 'system', 'unrestricted', 'user_id'],
      shows: { name: 'conf-script', unrestricted: false, roles: /member/ },
      keep: { id: 'id', secret: 'secret', user: 'user_id', project: 'project_id' },
    },
    { as: 'lessee1', run: 'application credential create conf-script', refused: /\(HTTP 409\)/ },
    { as: 'lessee1', run: 'application credential create --role admin conf-more', refused: /./ },
    {
      as: 'lessee1',
      run: 'application credential list',
      columns: ['ID', 'Name', 'Project ID', 'Description', 'Expires At'],
      shows: [{ Name: 'conf-script' }],
    },
    { as: 'owner1', run: 'application credential list', shows: [] },
    {
      as: 'nobody',
      run: '--os-auth-type v3applicationcredential --os-application-credential-id $id --os-application-credential-secret $secret token issue',
      shows: { user_id: '$user', project_id: '$project' },
    },
    {
      as: 'nobody',
      run: '--os-auth-type v3applicationcredential --os-application-credential-id $id --os-application-credential-secret $secret baremetal node list',
      shows: [],
    },
    {
      as: 'nobody',
      run: '--os-auth-type v3applicationcredential --os-application-credential-id $id --os-application-credential-secret $secret application credential create two',
      refused: FORBIDDEN,
    },
    {
      as: 'nobody',
      run: '--os-auth-type v3applicationcredential --os-application-credential-id $id --os-application-credential-secret wrong token issue',
      refused: /\(HTTP 401\)/,
    },
    { as: 'lessee1', run: 'application credential delete conf-script' },
    {
      as: 'nobody',
      run: '--os-auth-type v3applicationcredential --os-application-credential-id $id --os-application-credential-secret $secret token issue',
      refused: /\(HTTP 401\)|\(HTTP 404\)/,
    },
  ],
}

const catalog: Story = {
  name: 'domains, regions, services, endpoints',
  rows: [
    {
      as: 'admin',
      run: 'domain list',
      columns: ['ID', 'Name', 'Enabled', 'Description'],
      shows: [{ ID: 'default', Name: 'Default', Enabled: true }],
    },
    {
      as: 'admin',
      run: 'domain create --description some conf-domain',
      shows: { name: 'conf-domain', enabled: true, description: 'some' },
    },
    { as: 'admin', run: 'project create --domain conf-domain inner', shows: { name: 'inner' } },
    { as: 'admin', run: 'domain delete conf-domain', refused: /\(HTTP 403\)/ },
    { as: 'admin', run: 'domain set --disable conf-domain' },
    { as: 'admin', run: 'domain delete conf-domain' },
    { as: 'lessee1', run: 'domain create mine', refused: FORBIDDEN },
    { as: 'admin', run: 'region list', columns: ['Region', 'Parent Region', 'Description'], shows: [{ Region: 'RegionOne' }] },
    {
      as: 'admin',
      run: 'region create --description some conf-region',
      shows: { region: 'conf-region', description: 'some', parent_region: null },
    },
    { as: 'admin', run: 'region set --description other conf-region' },
    { as: 'admin', run: 'region show conf-region', shows: { description: 'other' } },
    { as: 'admin', run: 'service list', columns: ['ID', 'Name', 'Type'], shows: including({ Name: 'keystone', Type: 'identity' }) },
    {
      as: 'admin',
      run: 'service create --name conf-service --description some conf-type',
      shows: { type: 'conf-type', enabled: true },
      keep: { service: 'id' },
    },
    {
      as: 'admin',
      run: 'endpoint create --region conf-region conf-type public http://conf.example/v1',
      shows: {
        service_id: '$service',
        interface: 'public',
        region: 'conf-region',
        url: 'http://conf.example/v1',
        service_name: 'conf-service',
      },
      keep: { endpoint: 'id' },
    },
    { as: 'lessee1', run: 'catalog show conf-type', shows: { endpoints: [{ id: '$endpoint', url: 'http://conf.example/v1' }] } },
    { as: 'admin', run: 'endpoint set --url http://conf.example/v2 $endpoint' },
    { as: 'admin', run: 'endpoint show $endpoint', shows: { url: 'http://conf.example/v2' } },
    {
      as: 'admin',
      run: 'endpoint list --service conf-type',
      columns: ['ID', 'Region', 'Service Name', 'Service Type', 'Enabled', 'Interface', 'URL'],
      shows: [{ ID: '$endpoint' }],
    },
    { as: 'lessee1', run: 'endpoint list', refused: FORBIDDEN },
    { as: 'admin', run: 'region delete conf-region', refused: /./ },
    { as: 'admin', run: 'endpoint delete $endpoint' },
    { as: 'admin', run: 'service delete conf-service' },
    { as: 'admin', run: 'region delete conf-region' },
  ],
}

export const identity: readonly Story[] = [logins, projects, users, roles, credentials, catalog]

"""openstacksdk, keystoneauth and Keystone's client against a sandbox; one JSON object a line for each case: {"id", "result", "why"}.

    driver.py [--only TEXT]

The logins are those of clouds.yaml.
"""
import argparse
import base64
import hmac
import json
import os
import struct
import sys
import time
import traceback
import uuid

import openstack
from keystoneauth1 import exceptions as auth_errors
from keystoneauth1 import session as sessions
from keystoneauth1.extras.oauth1 import v3 as oauth1
from keystoneauth1.identity import generic, v3
from keystoneclient.v3 import client as keystone
from openstack import exceptions

answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)

CASES = []
WAIT = 60


def case(name):
    def keep(function):
        CASES.append((name, function))
        return function
    return keep


def connect(cloud):
    return openstack.connect(cloud=cloud)


def login(cloud):
    """What clouds.yaml says of a login: auth_url, username, password and so on."""
    return dict(openstack.config.OpenStackConfig().get_one(cloud).config['auth'])


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f'{actual!r} is not {expected!r}')


def true(value, what):
    if not value:
        raise AssertionError(what)


def refused(error, run):
    """The error; without the waits between tries of a client that asks six times when it is told of a conflict."""
    sleep, time.sleep = time.sleep, lambda _: None
    try:
        value = run()
    except error as e:
        return e
    finally:
        time.sleep = sleep
    raise AssertionError(f'it was done, and should have been refused: {value!r}')


def forbidden(run):
    same(refused(exceptions.HttpException, run).status_code, 403)


def names(items):
    return sorted(each.name for each in items)


# Bare metal.

@case('nodes: who sees which')
def _():
    same(names(connect('owner1').baremetal.nodes()), ['dell1', 'dell2', 'dell3'])
    same(names(connect('owner2').baremetal.nodes(details=True)), ['dell4', 'dell5'])
    same(names(connect('lessee1').baremetal.nodes()), [])
    admin = connect('admin').baremetal
    true({'dell1', 'dell2', 'dell3', 'dell4', 'dell5'} <= {n.name for n in admin.nodes(fields=['name'])}, 'an administrator sees all')
    true('dell1' in names(admin.nodes(provision_state='available', resource_class='baremetal', driver='redfish')), 'dell1 is available')


@case('nodes: one page after another')
def _():
    baremetal = connect('admin').baremetal
    every = [n.id for n in baremetal.nodes()]
    same([n.id for n in baremetal.nodes(limit=2)], every)


@case('nodes: by name, by id, and not found')
def _():
    owner, lessee = connect('owner1').baremetal, connect('lessee1').baremetal
    node = owner.find_node('dell1', ignore_missing=False)
    same(owner.get_node(node.id).name, 'dell1')
    same(owner.get_node('dell1', fields=['uuid', 'owner']).id, node.id)
    same(lessee.find_node('dell1'), None)
    same(lessee.find_node(node.id), None)
    refused(exceptions.ResourceNotFound, lambda: lessee.get_node(node.id))
    refused(exceptions.ResourceNotFound, lambda: owner.find_node('dell4', ignore_missing=False))


@case('nodes: made, updated, patched, deleted')
def _():
    admin = connect('admin')
    owner = connect('owner1').current_project_id
    node = admin.baremetal.create_node(
        provision_state='enroll', driver='redfish', name='sdk-node', resource_class='sdk', owner=owner,
        driver_info={'redfish_address': 'https://127.1.0.9:1', 'redfish_username': 'root', 'redfish_password': 'hidden'},
        properties={'cpus': 4}, extra={'a': 'b'})
    try:
        same(node.provision_state, 'enroll')
        same((node.owner, node.driver_info['redfish_password']), (owner, '******'))
        refused(exceptions.ConflictException, lambda: admin.baremetal.create_node(provision_state='enroll', driver='redfish', name='sdk-node', owner=owner))
        updated = admin.baremetal.update_node(node, extra={'a': 'c'}, resource_class='other')
        same((updated.extra, updated.resource_class), ({'a': 'c'}, 'other'))
        patched = admin.baremetal.patch_node(node, [
            {'op': 'add', 'path': '/properties/memory_mb', 'value': 1024}, {'op': 'remove', 'path': '/extra/a'},
            {'op': 'replace', 'path': '/properties/cpus', 'value': 8}, {'op': 'test', 'path': '/name', 'value': 'sdk-node'}])
        same((patched.properties, patched.extra), ({'cpus': 8, 'memory_mb': 1024}, {}))
        refused(exceptions.BadRequestException, lambda: admin.baremetal.patch_node(node, [{'op': 'remove', 'path': '/extra/none'}]))
        forbidden(lambda: connect('owner1').baremetal.delete_node(node.id, ignore_missing=False))
    finally:
        admin.baremetal.delete_node(node.id)
    refused(exceptions.ResourceNotFound, lambda: admin.baremetal.get_node(node.id))
    same(admin.baremetal.delete_node(node.id, ignore_missing=True), None)


@case('nodes: power, and waiting for it')
def _():
    owner = connect('owner1').baremetal
    node = owner.find_node('dell1', ignore_missing=False)
    for target, state in [('power on', 'power on'), ('rebooting', 'power on'), ('power off', 'power off')]:
        owner.set_node_power_state(node, target, wait=True, timeout=WAIT)
        same(owner.get_node(node.id).power_state, state)
    refused(exceptions.ResourceNotFound, lambda: connect('lessee1').baremetal.set_node_power_state(node, 'power on'))


@case('nodes: provision state, and waiting for it')
def _():
    admin = connect('admin').baremetal
    node = admin.find_node('dell2', ignore_missing=False)
    admin.set_node_provision_state(node, 'manage', wait=True, timeout=WAIT)
    same(admin.get_node(node.id).provision_state, 'manageable')
    admin.set_node_provision_state(node, 'provide')
    done = admin.wait_for_nodes_provision_state([node], 'available', timeout=WAIT)
    same([n.provision_state for n in done], ['available'])
    refused(exceptions.BadRequestException, lambda: admin.set_node_provision_state(node, 'abort'))


@case('nodes: boot device, traits, maintenance, validation')
def _():
    admin = connect('admin').baremetal
    node = admin.find_node('dell2', ignore_missing=False)
    admin.set_node_boot_device(node, 'pxe', persistent=False)
    admin.set_node_traits(node, ['CUSTOM_A', 'CUSTOM_B'])
    admin.remove_node_trait(node, 'CUSTOM_A')
    admin.add_node_trait(node, 'CUSTOM_C')
    same(sorted(admin.get_node(node.id).traits), ['CUSTOM_B', 'CUSTOM_C'])
    admin.set_node_traits(node, [])
    admin.set_node_maintenance(node, 'a fan')
    same((admin.get_node(node.id).is_maintenance, admin.get_node(node.id).maintenance_reason), (True, 'a fan'))
    admin.unset_node_maintenance(node)
    same(admin.get_node(node.id).is_maintenance, False)
    same(admin.validate_node(node, required=('power', 'management'))['power'].result, True)


@case('ports, port groups, chassis')
def _():
    admin = connect('admin').baremetal
    node = admin.create_node(provision_state='enroll', driver='redfish', name='sdk-parts')
    try:
        port = admin.create_port(node_id=node.id, address='52:54:00:00:01:01', extra={'a': 1},
                                 local_link_connection={'switch_id': '02:00:00:00:00:01', 'port_id': 'e1', 'switch_info': 'leaf1'})
        same(port.local_link_connection['port_id'], 'e1')
        refused(exceptions.ConflictException, lambda: admin.create_port(node_id=node.id, address='52:54:00:00:01:01'))
        refused(exceptions.BadRequestException, lambda: admin.create_port(node_id=node.id, address='nonsense'))
        same(admin.update_port(port, extra={'a': 2}).extra, {'a': 2})
        same(admin.patch_port(port, [{'op': 'replace', 'path': '/address', 'value': '52:54:00:00:01:02'}]).address, '52:54:00:00:01:02')
        same([p.id for p in admin.ports(details=True, node=node.id)], [port.id])
        same([p.id for p in admin.ports(address='52:54:00:00:01:02')], [port.id])
        same(admin.find_port(port.id).node_id, node.id)
        same(list(connect('lessee1').baremetal.ports()), [])
        group = admin.create_port_group(node_id=node.id, name='sdk-group')
        same([g.name for g in admin.port_groups(details=True)], ['sdk-group'])
        same(admin.update_port_group(group, extra={'x': 'y'}).extra, {'x': 'y'})
        admin.delete_port_group(group.id)
        admin.delete_port(port.id)
        refused(exceptions.ResourceNotFound, lambda: admin.get_port(port.id))
    finally:
        admin.delete_node(node.id)
    chassis = admin.create_chassis(description='a rack')
    same(admin.update_chassis(chassis, description='other').description, 'other')
    true(chassis.id in [c.id for c in admin.chassis(details=True)], 'the chassis is listed')
    admin.delete_chassis(chassis.id)


@case('drivers')
def _():
    admin = connect('admin').baremetal
    true('redfish' in [d.name for d in admin.drivers(details=True)], 'redfish is listed')
    same(admin.get_driver('redfish').name, 'redfish')
    forbidden(lambda: list(connect('lessee1').baremetal.drivers()))


@case('machines of the cloud layer')
def _():
    admin = connect('admin')
    true('dell1' in [m['name'] for m in admin.list_machines()], 'dell1 is listed')
    same(admin.get_machine('dell1')['name'], 'dell1')
    true(len(admin.list_nics_for_machine(admin.get_machine('dell1')['id'])) == 2, 'dell1 has two NICs')
    admin.set_machine_maintenance_state('dell3', True, 'a look')
    same(admin.baremetal.get_node('dell3').is_maintenance, True)
    admin.remove_machine_from_maintenance('dell3')


# Identity.

@case('projects, users, roles, groups')
def _():
    admin = connect('admin')
    identity = admin.identity
    project = identity.create_project(name='sdk-project', domain_id='default', description='made', tags=['red'])
    user = identity.create_user(name='sdk-user', domain_id='default', password='a-secret', email='a@b.example', default_project_id=project.id)
    role, group = identity.create_role(name='sdk-role'), identity.create_group(name='sdk-group', domain_id='default')
    try:
        same((project.is_enabled, project.tags), (True, ['red']))
        same(identity.update_project(project, description='updated').description, 'updated')
        same(identity.find_project('sdk-project', domain_id='default').id, project.id)
        same(identity.find_user('sdk-user').email, 'a@b.example')
        same(identity.update_user(user, description='a person').description, 'a person')
        same([u.name for u in identity.users(name='sdk-user')], ['sdk-user'])
        identity.assign_project_role_to_user(project, user, role)
        found = list(identity.role_assignments(user_id=user.id))
        same([(a.role['id'], a.scope['project']['id']) for a in found], [(role.id, project.id)])
        same([r.name for r in identity.role_assignments_filter(user=user, project=project)], ['sdk-role'])
        identity.unassign_project_role_from_user(project, user, role)
        same(list(identity.role_assignments(user_id=user.id)), [])
        admin.add_user_to_group('sdk-user', 'sdk-group')
        true(admin.is_user_in_group('sdk-user', 'sdk-group'), 'the user is in the group')
        admin.remove_user_from_group('sdk-user', 'sdk-group')
        refused(exceptions.ConflictException, lambda: identity.create_project(name='sdk-project', domain_id='default'))
        forbidden(lambda: connect('owner1').identity.create_user(name='mine'))
    finally:
        identity.delete_group(group)
        identity.delete_role(role)
        identity.delete_user(user)
        identity.delete_project(project)
    same(identity.find_user('sdk-user'), None)


@case('domains, regions, services, endpoints')
def _():
    identity = connect('admin').identity
    domain = identity.create_domain(name='sdk-domain')
    same(identity.update_domain(domain, is_enabled=False).is_enabled, False)
    identity.delete_domain(domain)
    region = identity.create_region(id='sdk-region', description='made')
    service = identity.create_service(name='sdk-service', type='sdk-type')
    endpoint = identity.create_endpoint(service_id=service.id, interface='public', url='http://sdk.example', region_id='sdk-region')
    same([e.id for e in identity.endpoints(service_id=service.id)], [endpoint.id])
    identity.delete_endpoint(endpoint)
    identity.delete_service(service)
    identity.delete_region(region)


@case('application credentials')
def _():
    lessee = connect('lessee1')
    made = lessee.identity.create_application_credential(lessee.current_user_id, name='sdk-script', roles=[{'name': 'member'}])
    try:
        url = login('lessee1')['auth_url']
        session = sessions.Session(v3.ApplicationCredential(url, application_credential_id=made.id, application_credential_secret=made.secret))
        same(session.get_project_id(), lessee.current_project_id)
        by_name = v3.ApplicationCredential(url, application_credential_name='sdk-script', username='lessee1', user_domain_id='default',
                                           application_credential_secret=made.secret)
        same(sessions.Session(by_name).get_user_id(), lessee.current_user_id)
        same(names(openstack.connection.Connection(session=session).baremetal.nodes()), [])
        wrong = v3.ApplicationCredential(url, application_credential_id=made.id, application_credential_secret='wrong')
        refused(auth_errors.Unauthorized, lambda: sessions.Session(wrong).get_token())
        same([c.name for c in lessee.identity.application_credentials(lessee.current_user_id)], ['sdk-script'])
    finally:
        lessee.identity.delete_application_credential(lessee.current_user_id, made)
    session.invalidate()
    refused((auth_errors.Unauthorized, auth_errors.NotFound), session.get_token)


# Sessions of keystoneauth.

def password(cloud, **more):
    auth = login(cloud)
    return dict(auth_url=auth['auth_url'], username=auth['username'], password=auth['password'], user_domain_id='default', **more)


@case('sessions: password, for a project, a domain, the system, and for nothing')
def _():
    project = sessions.Session(v3.Password(**v3url(password('admin', project_name='admin', project_domain_id='default'))))
    roles = project.auth.get_access(project).role_names
    true('admin' in roles and 'reader' in roles, f'{roles} has admin and what it implies')
    system = sessions.Session(v3.Password(**v3url(password('admin', system_scope='all'))))
    same(system.auth.get_access(system).system_scoped, True)
    nothing = sessions.Session(v3.Password(**v3url(password('lessee1', unscoped=True))))
    same(nothing.auth.get_access(nothing).project_id, None)
    same(nothing.auth.get_access(nothing).has_service_catalog(), False)
    refused(auth_errors.Unauthorized, lambda: sessions.Session(v3.Password(**v3url(password('lessee1', domain_id='default')))).get_token())
    refused(auth_errors.Unauthorized, lambda: sessions.Session(v3.Password(**v3url(password('lessee1', system_scope='all')))).get_token())


def v3url(auth):
    return {**auth, 'auth_url': auth['auth_url'].rstrip('/').removesuffix('/v3') + '/v3'}


@case('sessions: by a token, for another scope')
def _():
    unscoped = sessions.Session(v3.Password(**v3url(password('lessee1', unscoped=True)))).get_token()
    url = v3url(password('lessee1'))['auth_url']
    scoped = sessions.Session(v3.Token(url, unscoped, project_name='lessee1', project_domain_id='default'))
    same(scoped.auth.get_access(scoped).project_name, 'lessee1')
    other = sessions.Session(v3.Token(url, unscoped, project_name='owner1', project_domain_id='default'))
    refused(auth_errors.Unauthorized, other.get_token)
    refused((auth_errors.Unauthorized, auth_errors.NotFound), sessions.Session(v3.Token(url, 'nonsense', project_name='lessee1', project_domain_id='default')).get_token)


@case('sessions: every form of the URL')
def _():
    root = v3url(password('owner1'))['auth_url'].removesuffix('/v3')
    for url in [root, root + '/', root + '/v3', root + '/v3/', root.removesuffix('/identity'), root.removesuffix('/identity') + '/']:
        auth = generic.Password(**{**password('owner1', project_name='owner1', project_domain_id='default'), 'auth_url': url})
        session = sessions.Session(auth)
        reply = session.get('/v1/nodes', endpoint_filter={'service_type': 'baremetal', 'interface': 'public'})
        same(len(reply.json()['nodes']), 3)


@case('sessions: microversions are told and negotiated')
def _():
    session = connect('owner1').session
    data = session.get_endpoint_data(service_type='baremetal', interface='public', discover_versions=True)
    same(data.min_microversion, (1, 1))
    true(data.max_microversion >= (1, 78), f'{data.max_microversion} is at least 1.78')
    reply = session.get('/v1/nodes?limit=1', endpoint_filter={'service_type': 'baremetal'}, microversion='1.50')
    same(reply.headers['X-OpenStack-Ironic-API-Version'], '1.50')
    refused(auth_errors.NotAcceptable, lambda: session.get('/v1/nodes', endpoint_filter={'service_type': 'baremetal'}, microversion='1.999'))


@case('sessions: a revoked token is replaced')
def _():
    session = sessions.Session(v3.Password(**v3url(password('owner2', project_name='owner2', project_domain_id='default'))))
    old = session.get_token()
    keystone.Client(session=session).tokens.revoke_token(old)
    reply = session.get('/v1/nodes', endpoint_filter={'service_type': 'baremetal'})
    same((reply.status_code, session.get_token() != old), (200, True))


@case('sessions: a trust')
def _():
    owner, lessee = connect('owner1'), connect('lessee2')
    trusts = keystone.Client(session=owner.session).trusts
    made = trusts.create(trustor_user=owner.current_user_id, trustee_user=lessee.current_user_id, project=owner.current_project_id,
                         role_names=['member'], impersonation=False)
    try:
        session = sessions.Session(v3.Password(**v3url(password('lessee2', trust_id=made.id))))
        same(session.get_project_id(), owner.current_project_id)
        same(session.get_user_id(), lessee.current_user_id)
        reply = session.get('/v1/nodes', endpoint_filter={'service_type': 'baremetal'})
        same(len(reply.json()['nodes']), 3)
    finally:
        trusts.delete(made.id)
    refused((auth_errors.Unauthorized, auth_errors.Forbidden, auth_errors.NotFound),
            lambda: sessions.Session(v3.Password(**v3url(password('lessee2', trust_id=made.id)))).get_token())


def passcode(secret):
    counter = struct.pack('>Q', int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, 'sha1').digest()
    at = digest[19] & 15
    return f'{(struct.unpack(">I", digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}'


@case('sessions: a passcode, several factors at once, and one after the other with a receipt')
def _():
    admin = keystone.Client(session=connect('admin').session)
    project = connect('lessee1').current_project_id
    user = admin.users.create(f'sdk-{uuid.uuid4().hex}', password='sdk')
    secret = base64.b32encode(os.urandom(20)).decode()
    url = v3url(login('lessee1'))['auth_url']
    scope = {'project_id': project}
    try:
        admin.roles.grant(admin.roles.find(name='member'), user=user, project=project)
        admin.credentials.create(user, 'totp', secret)
        alone = sessions.Session(v3.TOTP(url, user_id=user.id, passcode=passcode(secret), **scope))
        same(alone.get_user_id(), user.id)
        refused(auth_errors.Unauthorized, sessions.Session(v3.TOTP(url, user_id=user.id, passcode='abcdef', **scope)).get_token)
        admin.users.client.patch(f'/users/{user.id}', json={'user': {'options': {'multi_factor_auth_rules': [['password', 'totp']]}}})
        both = v3.MultiFactor(url, auth_methods=['v3password', 'v3totp'], user_id=user.id, password='sdk', passcode=passcode(secret), **scope)
        same(sessions.Session(both).get_project_id(), project)
        half = sessions.Session(v3.Password(url, user_id=user.id, password='sdk', **scope))
        told = refused(auth_errors.MissingAuthMethods, half.get_token)
        same((told.methods, told.required_auth_methods), (['password'], [['password', 'totp']]))
        rest = v3.base.Auth(url, [v3.ReceiptMethod(receipt=told.receipt), v3.TOTPMethod(user_id=user.id, passcode=passcode(secret))], **scope)
        same(sessions.Session(rest).get_user_id(), user.id)
    finally:
        admin.users.delete(user)


@case("Keystone's client: a program is lent a role by OAuth 1.0a")
def _():
    session = connect('admin').session
    admin = keystone.Client(session=session)
    project, user = session.get_project_id(), session.get_user_id()
    consumer = admin.oauth1.consumers.create(description='sdk')
    try:
        request = admin.oauth1.request_tokens.create(consumer.id, consumer.secret, project)
        agreed = admin.oauth1.request_tokens.authorize(request.key, [admin.roles.find(name='member')])
        wrong = refused(auth_errors.Unauthorized, lambda: admin.oauth1.access_tokens.create(
            consumer.id, consumer.secret, request.key, 'wrong', agreed.oauth_verifier))
        same(wrong.http_status, 401)
        access = admin.oauth1.access_tokens.create(consumer.id, consumer.secret, request.key, request.secret, agreed.oauth_verifier)
        lent = sessions.Session(oauth1.OAuth1(v3url(login('admin'))['auth_url'], consumer_key=consumer.id, consumer_secret=consumer.secret,
                                              access_key=access.key, access_secret=access.secret))
        told = lent.auth.get_access(lent)
        same((told.user_id, told.project_id, sorted(told.role_names)), (user, project, ['member', 'reader']))
        same((told.oauth_access_token_id, told.oauth_consumer_id), (access.key, consumer.id))
        session.delete(f'/users/{user}/OS-OAUTH1/access_tokens/{access.key}', endpoint_filter={'service_type': 'identity', 'version': (3, 0)})
        lent.invalidate()
        refused(auth_errors.Unauthorized, lent.get_token)
    finally:
        admin.oauth1.consumers.delete(consumer)


@case("Keystone's client: tokens, projects, assignments")
def _():
    admin = keystone.Client(session=connect('admin').session)
    lessee = connect('lessee1')
    data = admin.tokens.get_token_data(lessee.session.get_token())['token']
    same((data['user']['name'], data['project']['name']), ('lessee1', 'lessee1'))
    refused(auth_errors.NotFound, lambda: admin.tokens.validate('nonsense'))
    same(sorted(p.name for p in keystone.Client(session=lessee.session).auth.projects()), ['lessee1'])
    true('lessee1' in [p.name for p in admin.projects.list()], 'lessee1 is listed')
    same([a.user['id'] for a in admin.role_assignments.list(user=lessee.current_user_id, role=admin.roles.find(name='lessee'))],
         [lessee.current_user_id])
    refused(auth_errors.NotFound, lambda: admin.projects.get(uuid.uuid4().hex))
    refused(auth_errors.Forbidden, lambda: keystone.Client(session=lessee.session).users.list())


arguments = argparse.ArgumentParser()
arguments.add_argument('--only', default='')
asked = arguments.parse_args()
for name, run in CASES:
    if asked.only not in name:
        continue
    try:
        run()
        told = {'id': name, 'result': 'passed'}
    except Exception:
        told = {'id': name, 'result': 'failed', 'why': traceback.format_exc(limit=-4)[-2500:]}
    answers.write(json.dumps(told) + '\n')
sys.stdout.flush()

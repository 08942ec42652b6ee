import type { PolicyDefault } from '../../../kit/policy/types.ts'
import { ADMIN, READERS, rule } from './rule.ts'

/** What somebody lets others or programs do for them. */
export const delegation: readonly PolicyDefault[] = [
  // trust
  rule('identity:create_trust', 'user_id:%(target.trust.trustor_user_id)s', 'Create trust.', ['POST /v3/OS-TRUST/trusts']),
  rule('identity:list_trusts', READERS, 'List trusts.', ['GET /v3/OS-TRUST/trusts']),
  rule('identity:list_trusts_for_trustor', `${READERS} or (user_id:%(target.trust.trustor_user_id)s)`, 'List trusts for trustor.', [
    'GET /v3/OS-TRUST/trusts?trustor_user_id=:trustor_user',
  ]),
  rule('identity:list_trusts_for_trustee', `${READERS} or (user_id:%(target.trust.trustee_user_id)s)`, 'List trusts for trustee.', [
    'GET /v3/OS-TRUST/trusts?trustee_user_id=:trustee_user',
  ]),
  rule(
    'identity:list_roles_for_trust',
    `${READERS} or (user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)`,
    'List roles delegated by a trust.',
    ['GET /v3/OS-TRUST/trusts/:trust/roles'],
  ),
  rule(
    'identity:get_role_for_trust',
    `${READERS} or (user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)`,
    'Check if trust delegates a particular role.',
    ['GET /v3/OS-TRUST/trusts/:trust/roles/:role'],
  ),
  rule('identity:delete_trust', `${ADMIN} or user_id:%(target.trust.trustor_user_id)s`, 'Revoke trust.', [
    'DELETE /v3/OS-TRUST/trusts/:trust',
  ]),
  rule(
    'identity:get_trust',
    `${READERS} or (user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)`,
    'Get trust.',
    ['GET /v3/OS-TRUST/trusts/:trust'],
  ),
  // credential
  rule('identity:get_credential', `${READERS} or user_id:%(target.credential.user_id)s`, 'Show credentials details.', [
    'GET /v3/credentials/:credential',
  ]),
  rule('identity:list_credentials', `${READERS} or user_id:%(target.credential.user_id)s`, 'List credentials.', ['GET /v3/credentials']),
  rule('identity:create_credential', `${ADMIN} or user_id:%(target.credential.user_id)s`, 'Create credential.', ['POST /v3/credentials']),
  rule('identity:update_credential', `${ADMIN} or user_id:%(target.credential.user_id)s`, 'Update credential.', [
    'PATCH /v3/credentials/:credential',
  ]),
  rule('identity:delete_credential', `${ADMIN} or user_id:%(target.credential.user_id)s`, 'Delete credential.', [
    'DELETE /v3/credentials/:credential',
  ]),
  // ec2_credential
  rule('identity:ec2_get_credential', `${READERS} or user_id:%(target.credential.user_id)s`, 'Show ec2 credential details.', [
    'GET /v3/users/:user/credentials/OS-EC2/:credential',
  ]),
  rule('identity:ec2_list_credentials', `${READERS} or rule:owner`, 'List ec2 credentials.', ['GET /v3/users/:user/credentials/OS-EC2']),
  rule('identity:ec2_create_credential', `${ADMIN} or (role:member and user_id:%(target.credential.user_id)s)`, 'Create ec2 credential.', [
    'POST /v3/users/:user/credentials/OS-EC2',
  ]),
  rule('identity:ec2_delete_credential', `${ADMIN} or (role:member and user_id:%(target.credential.user_id)s)`, 'Delete ec2 credential.', [
    'DELETE /v3/users/:user/credentials/OS-EC2/:credential',
  ]),
  // ec2tokens
  rule(
    'identity:ec2tokens_validate',
    'rule:service_or_admin',
    'Validate EC2 credentials and create a Keystone token. Restricted to service users or administrators.',
    ['POST /v3/ec2tokens'],
  ),
  // s3tokens
  rule(
    'identity:s3tokens_validate',
    'rule:service_or_admin',
    'Validate S3 credentials and create a Keystone token. Restricted to service users or administrators.',
    ['POST /v3/s3tokens'],
  ),
  // access_token
  rule('identity:authorize_request_token', ADMIN, 'Authorize OAUTH1 request token.', ['PUT /v3/OS-OAUTH1/authorize/:request_token']),
  rule('identity:get_access_token', ADMIN, 'Get OAUTH1 access token for user by access token ID.', [
    'GET /v3/users/:user/OS-OAUTH1/access_tokens/:access_token',
  ]),
  rule('identity:get_access_token_role', ADMIN, 'Get role for user OAUTH1 access token.', [
    'GET /v3/users/:user/OS-OAUTH1/access_tokens/:access_token/roles/:role',
  ]),
  rule('identity:list_access_tokens', ADMIN, 'List OAUTH1 access tokens for user.', ['GET /v3/users/:user/OS-OAUTH1/access_tokens']),
  rule('identity:list_access_token_roles', ADMIN, 'List OAUTH1 access token roles.', [
    'GET /v3/users/:user/OS-OAUTH1/access_tokens/:access_token/roles',
  ]),
  // Whoever lent something takes it back.
  rule(
    'identity:delete_access_token',
    `${ADMIN} or (role:member and user_id:%(target.credential.user_id)s)`,
    'Delete OAUTH1 access token.',
    ['DELETE /v3/users/:user/OS-OAUTH1/access_tokens/:access_token'],
  ),
  // consumer
  rule('identity:get_consumer', READERS, 'Show OAUTH1 consumer details.', ['GET /v3/OS-OAUTH1/consumers/:consumer']),
  rule('identity:list_consumers', READERS, 'List OAUTH1 consumers.', ['GET /v3/OS-OAUTH1/consumers']),
  rule('identity:create_consumer', ADMIN, 'Create OAUTH1 consumer.', ['POST /v3/OS-OAUTH1/consumers']),
  rule('identity:update_consumer', ADMIN, 'Update OAUTH1 consumer.', ['PATCH /v3/OS-OAUTH1/consumers/:consumer']),
  rule('identity:delete_consumer', ADMIN, 'Delete OAUTH1 consumer.', ['DELETE /v3/OS-OAUTH1/consumers/:consumer']),
]

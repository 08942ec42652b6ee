/** What may stand for itself in the URL of an endpoint: Keystone's list, and `public_url`, which is what clients call us. */
const WORDS = [
  'tenant_id',
  'project_id',
  'user_id',
  'public_bind_host',
  'admin_bind_host',
  'compute_host',
  'admin_port',
  'public_port',
  'public_endpoint',
  'admin_endpoint',
  'public_url',
]

/** Whether all that is to be filled in is `%(word)s` or `$(word)s` with a word that is known. Source: Keystone's `check_endpoint_url`. */
export const isFillable = (url: string): boolean => {
  const rest = url
    .replaceAll('$(', '%(')
    .replaceAll('%%', '')
    .replace(/%\(([^)]*)\)s/g, (all, word: string) => (WORDS.includes(word) ? '' : all))
  return !rest.includes('%')
}

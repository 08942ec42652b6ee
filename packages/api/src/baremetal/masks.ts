/** What is shown instead of secrets. */
import { isObject } from '../types.ts'

export const MASK = '******'

// Names of secrets, as oslo.utils knows them, and those of SNMP.
const SECRETS =
  /(?:password|passwd|passphrase|secret|secret_uuid|token|adminpass|admin_pass|auth_key|priv_key|private_key|community|sys_pswd|api_key|credential|encryption_key|hmac)s?$/i

/** Whether a key names something that must not be read back, whatever the driver says. */
export const isSecretKey = (key: string): boolean => SECRETS.test(key)

/** A copy without secrets, at any depth. */
export const maskSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(maskSecrets)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, isSecretKey(key) && inner !== null && !isObject(inner) ? MASK : maskSecrets(inner)]),
  )
}

/** What everybody sees of `instance_info`: the configuration drive and the image's address are as good as passwords. */
export const maskInstance = (value: unknown): unknown => {
  const shown = maskSecrets(value ?? {}) as Record<string, unknown>
  for (const key of ['configdrive', 'image_url']) if (shown[key]) shown[key] = MASK
  return shown
}

import { join } from 'node:path'

/** What tempest has to be told of a site of ours. */
export interface Told {
  readonly url: string
  readonly folder: string
  readonly adminPassword: string
  /** Microversions of the bare-metal API that are tested. */
  readonly microversions: readonly [least: string, most: string]
  /** There is something in the catalog that answers for networks and ports. */
  readonly network: boolean
}

/** The password rules that tempest is told of, and the site has. */
export const RULES = { history: 2, failures: 2, lockout: 5 } as const

/** tempest.conf. What it leaves out is skipped by tempest, so everything that there is has to be said. */
export const tempestConf = (told: Told): string =>
  Object.entries({
    DEFAULT: { log_dir: told.folder, log_file: 'tempest.log', use_stderr: false },
    auth: {
      use_dynamic_credentials: true,
      admin_username: 'admin',
      admin_password: told.adminPassword,
      admin_project_name: 'admin',
      admin_domain_name: 'Default',
      // Scoped to the system, for the classes that ask for such a login.
      admin_system: 'all',
      tempest_roles: 'member',
      create_isolated_networks: false,
    },
    identity: {
      uri_v3: `${told.url}/identity/v3`,
      auth_version: 'v3',
      region: 'RegionOne',
      v3_endpoint_type: 'public',
      // Nine tests fail on the original where it is true.
      admin_domain_scope: false,
      user_unique_last_password_count: RULES.history,
      user_lockout_failure_attempts: RULES.failures,
      user_lockout_duration: RULES.lockout,
    },
    'identity-feature-enabled': {
      api_v2: false,
      api_v2_admin: false,
      api_v3: true,
      trust: true,
      project_tags: true,
      application_credentials: true,
      access_rules: true,
      domain_specific_drivers: true,
      security_compliance: true,
    },
    service_available: {
      nova: false,
      neutron: told.network,
      glance: false,
      cinder: false,
      swift: false,
      ironic: true,
    },
    // The rules in force are today's: what belongs to the whole site is asked for by administrators of the system.
    enforce_scope: { ironic: true },
    baremetal: {
      driver: 'fake-hardware',
      min_microversion: told.microversions[0],
      max_microversion: told.microversions[1],
      enabled_drivers: 'fake-hardware',
      enabled_hardware_types: 'fake-hardware,ipmi,redfish',
      power_timeout: 60,
      unprovision_timeout: 60,
      active_timeout: 60,
      deploywait_timeout: 30,
    },
    oslo_concurrency: { lock_path: join(told.folder, 'locks') },
    validation: { run_validation: false },
  })
    .map(
      ([section, values]) =>
        `[${section}]\n${Object.entries(values)
          .map(([name, value]) => `${name} = ${value}`)
          .join('\n')}\n`,
    )
    .join('\n')

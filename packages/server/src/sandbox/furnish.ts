import { createHash } from 'node:crypto'
import type { Api } from './api.ts'
import type { Rack, RackMachine } from './lab.ts'
import { owners, people, RESOURCE_CLASS } from './story.ts'

/** Makes the people and enrols the machines, as an administrator would. Whatever is there already stays as it is. */
export const furnish = async (
  api: Api,
  rack: Rack,
  passwords: ReadonlyMap<string, string>,
  tell: (text: string) => void,
): Promise<void> => {
  const projects = new Map<string, string>()
  const { roles } = await api.call('GET', '/identity/v3/roles')
  for (const person of people) {
    const project =
      (await api.named('/identity/v3/projects', 'projects', person.name)) ??
      (await api.call('POST', '/identity/v3/projects', { project: { name: person.name, domain_id: 'default' } })).project
    const user =
      (await api.named('/identity/v3/users', 'users', person.name)) ??
      (
        await api.call('POST', '/identity/v3/users', {
          user: { name: person.name, domain_id: 'default', password: passwords.get(person.name), default_project_id: project.id },
        })
      ).user
    for (const name of person.roles) {
      const role = roles.find((r: { name: string }) => r.name === name)
      await api.call('PUT', `/identity/v3/projects/${project.id}/users/${user.id}/roles/${role.id}`)
    }
    projects.set(person.name, project.id)
  }
  const { nodes } = await api.call('GET', '/baremetal/v1/nodes')
  const there = new Set(nodes.map((n: { name: string }) => n.name))
  const fresh = rack.machines.filter(m => owners[m.name] && !there.has(m.name))
  for (const machine of fresh) {
    tell(`enrolling ${machine.name}`)
    await enrol(api, rack, machine, projects.get(owners[machine.name]!)!)
  }
}

const enrol = async (api: Api, rack: Rack, machine: RackMachine, owner: string): Promise<void> => {
  const node = await api.call('POST', '/baremetal/v1/nodes', {
    name: machine.name,
    driver: 'redfish',
    driver_info: {
      redfish_address: machine.address,
      redfish_system_id: machine.system,
      redfish_username: machine.user,
      redfish_password: machine.password,
      redfish_verify_ca: rack.ca,
    },
    // Simulated disks hold nothing that would have to be wiped: that is the owner's word, as for any machine.
    properties: { cpus: machine.cpus, memory_mb: machine.memoryMb, local_gb: machine.diskGb, cpu_arch: machine.arch, erase: 'none' },
    resource_class: RESOURCE_CLASS,
    owner,
  })
  for (const nic of machine.nics)
    await api.call('POST', '/baremetal/v1/ports', {
      node_uuid: node.uuid,
      address: nic.mac,
      ...(nic.switch && nic.port
        ? { local_link_connection: { switch_id: chassisOf(nic.switch), switch_info: nic.switch, port_id: nic.port } }
        : {}),
    })
  await api.call('PUT', `/baremetal/v1/nodes/${node.uuid}/states/provision`, { target: 'manage' })
}

/** A switch names itself by an address of its own; a simulated one has none yet, so it gets one that nobody owns, by its name. */
const chassisOf = (name: string): string =>
  `02:${createHash('sha256')
    .update(name)
    .digest('hex')
    .slice(0, 10)
    .replace(/..(?=.)/g, '$&:')}`

/** Brings machines that are under management to the pool; gives the names of those that are in it or on their way. */
export const provide = async (api: Api): Promise<{ ready: string[]; rest: string[] }> => {
  const { nodes } = await api.call('GET', '/baremetal/v1/nodes')
  const ready: string[] = []
  const rest: string[] = []
  for (const node of nodes) {
    if (!owners[node.name]) continue
    if (node.provision_state === 'manageable')
      await api.call('PUT', `/baremetal/v1/nodes/${node.uuid}/states/provision`, { target: 'provide' })
    if (['enroll', 'verifying', 'manageable', 'cleaning', 'clean wait'].includes(node.provision_state)) rest.push(node.name)
    else ready.push(node.name)
  }
  return { ready, rest }
}

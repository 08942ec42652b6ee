/** The rack and the people of a first start: what the tour in the README and the demo play with. */

export interface Person {
  /** Also the name of their project and of their cloud in clouds.yaml. */
  readonly name: string
  readonly roles: readonly string[]
}

/** Two projects that own machines, two that lease them. The administrator is made apart. */
export const people: readonly Person[] = [
  { name: 'owner1', roles: ['member', 'owner'] },
  { name: 'owner2', roles: ['member', 'owner'] },
  { name: 'lessee1', roles: ['member', 'lessee'] },
  { name: 'lessee2', roles: ['member', 'lessee'] },
]

/** Whose the machines are, by the lab's names for them. */
export const owners: Readonly<Record<string, string>> = {
  dell1: 'owner1',
  dell2: 'owner1',
  dell3: 'owner1',
  dell4: 'owner2',
  dell5: 'owner2',
}

export const RESOURCE_CLASS = 'baremetal'

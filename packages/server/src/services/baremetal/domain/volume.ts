/** In which state a node is too lively for its storage to change; undefined when it is off and stays so. */
export const checkOff = (node: {
  readonly power_state: string | null
  readonly wanted: { readonly power?: { readonly action: string } }
}): string | null | undefined => {
  const action = node.wanted.power?.action
  if (action !== undefined && action !== 'off' && action !== 'soft off') return 'power on'
  return node.power_state === 'power off' ? undefined : node.power_state
}

import { type Command, UsageError } from '../../command.ts'
import { accountsOf, count, enrolling, enrollingOf, foundTable, searching, searchOf, searchOptions, showFound } from '../rack/search.ts'

export const command: Command = {
  brief: 'find machines by the addresses of their BMCs, and enroll them',
  doc: 'The server looks for them, so it must reach these addresses. What is found is shown; it is enrolled once that is confirmed, with a port for each network card, and verified. With --dry-run it is only shown.',
  options: searchOptions,
  prints: 'list',
  changes: true,
  examples: ['esi node discover --bmc-range 10.0.0.1-10.0.0.20 --username root --password-file bmc.txt --owner physics'],
  async run(face, given) {
    const ranges = given.all('bmc-range')
    if (ranges.length === 0) throw new UsageError('--bmc-range is needed: addresses of BMCs, like 10.0.0.1-10.0.0.20.')
    const accounts = accountsOf(given)
    if (accounts.length === 0) throw new UsageError('--username and --password-file are needed: an account on these BMCs.')
    return await searching(face, searchOf(given, ranges, accounts), async found => {
      const fresh = found.found.filter(({ node }) => node === null)
      if (face.dryRun || fresh.length === 0) return foundTable(found)
      if (!given.has('yes')) {
        await showFound(face, found)
        if (!(await face.keyboard.confirm(`Enroll ${count(fresh.length)}?`, '--yes'))) return undefined
      }
      const { nodes } = await enrolling(face, found, enrollingOf(given, { addresses: fresh.map(({ address }) => address) }))
      return { columns: ['UUID', 'Name', 'Address', 'Ports'], rows: nodes.map(node => [node.uuid, node.name, node.address, node.ports]) }
    })
  },
}

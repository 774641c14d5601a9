/** Our rules and their counters from the text of `iptables-save -c`, one line each, with the table and the program in front. */
import type { Family } from '../../objects/firewall.ts'
import { programName } from './restore.ts'
import { isOurs } from './state.ts'

export function summaryLines(family: Family, save: string): readonly string[] {
  const program = programName(family)
  let table = ''
  return save.split('\n').flatMap(line => {
    if (line.startsWith('*')) table = line.slice(1)
    const [, packets, bytes, chain = '', spec = ''] = /^\[(\d+):(\d+)\] -A (\S+) ?(.*)$/.exec(line) ?? []
    if (!isOurs(chain) && !/ -j TSNET(-|$)/.test(` ${spec}`)) return []
    return [`${program} -t ${table} -A ${chain} ${spec}  # ${packets} packets, ${bytes} bytes`]
  })
}

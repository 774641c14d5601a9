/**
 * Port mappings as the reference plugin portmap leaves them, written at once: three rules each in a chain of the container's, and a jump to
 * it for every fifteen ports. The plugin itself takes minutes for 3000, since it starts iptables for each rule.
 */
import type { Ports } from './cni-chain.ts'
import { execute } from './sample.ts'

const CHAIN = 'CNI-DN-0123456789abcdef01234'
const PORTS_OF_A_JUMP = 15

export function referenceMappings({ first, count }: Ports, containerIp: string): Disposable {
  const ports = Array.from({ length: count }, (_, index) => first + index)
  const jumps = ports.flatMap((_, index) => index % PORTS_OF_A_JUMP === 0 ? [jump(ports.slice(index, index + PORTS_OF_A_JUMP))] : [])
  const rules = ports.flatMap(port => [
    ...[`${containerIp}/16`, '127.0.0.1/32'].map(from => `-A ${CHAIN} -s ${from} -p tcp -m tcp --dport ${port} -j CNI-HOSTPORT-SETMARK`),
    `-A ${CHAIN} -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${containerIp}:80`,
  ])
  restore([`:${CHAIN} - [0:0]`, ...jumps, ...rules])
  return { [Symbol.dispose]: () => { restore([...jumps.map(rule => rule.replace('-A', '-D')), `-F ${CHAIN}`, `-X ${CHAIN}`]) } }
}

function jump(ports: readonly number[]): string {
  return `-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"theirs\\" id: \\"many\\"" -m multiport --dports ${ports.join(',')} -j ${CHAIN}`
}

function restore(lines: readonly string[]): void {
  execute(['iptables-restore', '--noflush', '--wait'], { input: ['*nat', ...lines, 'COMMIT', ''].join('\n') })
}

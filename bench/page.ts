/** docs/benchmarks.md: the table, the machine it is from, and how it was measured. */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { type Result, resultTable } from './result.ts'

export function benchmarksPage(results: readonly Result[]): string {
  return `# Benchmarks

${resultTable(results)}
Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${
    Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}; load average at the end: ${loadavg()[0]?.toFixed(1)}.
Peers: ${firstLine('dockerd', '--version')}, and the plugins of the distribution's package \`containernetworking-plugins\`.
Absolute times differ from machine to machine; the ratio of two rivals in one run is what counts, and only on a quiet machine.

## How it is measured

- Rivals run alternately in the same run, and the median of each is taken, after one run that is not counted, or seven of a command line: tsnet keeps
  what was compiled in the first six. Between two runs is a pause of 50 ms: the kernel goes on removing a namespace when the command for it has ended, and all who change links wait for that. Both get the same
  root file system (one static busybox), imported from the same archive, and both keep their state on the same disk.
- tsnet is installed as from a package, and runs through \`bin/tsnet\`, as a user would type it: the start of its engine is part of every number.
  Docker's client, daemon, containerd and images are those of Debian's \`docker.io\`; its daemon is running already.
- \`endpoint\`: from a running process, a new network namespace with a link on a masqueraded bridge, an address and the default
  route; the record of it stored. The peer is the CNI plugin \`bridge\` with \`host-local\`, isGateway and ipMasq, started as the specification
  wants it: as a process; \`ip netns add\` is not counted for it.
- \`cni-scale\`: the 3000 mappings of the reference are written by iptables-restore, as its portmap would leave them one by one. A hundred ADDs at once
  have one port each; what all of them together take counts, and their addresses must differ.
- \`memory\`: VmRSS of the container's parent process.
- \`port-scale\`: from a running process. A connection is connect, accept and close by plain system calls, from a namespace behind the
  uplink to the container; the rival of the last of 10 000 ports is the only one. Docker's way, a list, halves the rate at 1000 ports.
- \`names\`: dnsperf in the network of one of a hundred containers, ten sockets, a hundred questions under way, a second a round, the three servers
  in turn; 99 of 100 by a second series with \`dnsperf -v\`. Docker's embedded DNS answers inside the container; aardvark-dns is given its
  hundred containers as the file that Netavark writes.
- \`networks\`: from running processes, tsnet's core and a dockerd of its own by its API, fifty networks each at a time; no network is removed in between.
  The thousandth endpoint of a network is the median of the last 31 of a thousand, the first that of the first 31.
- \`throughput\`: one stream of iperf3 for a second, its ends on a processor each, fifteen times each in turn, of which either is the first as often as
  the other; between two containers of a bridge, and from a namespace behind the uplink to a published port.
- \`plugin\`: \`tsnet serve\` in the network of the benchmark's dockerd, as its network and IPAM driver and told of its events, beside a network of Docker's own bridge driver; dockerd's
  share is in both numbers. The handlers' times are those of a client of the socket, a hundred endpoints with one port each, after the first ten.
- \`ports\`: dockerd takes so long that it is measured once.
- dockerd runs in network, mount and pid namespaces of its own, with its own folders, socket, cgroup parent and containerd; tsnet in network
  and mount namespaces of its own. The machine's own network, firewall and containers are not touched.
- \`npm run bench\` installs the peers where they are missing (\`docker.io\`, \`containernetworking-plugins\`, \`aardvark-dns\`, \`dnsperf\`, \`iperf3\`, \`hyperfine\`), without starting
  them and without enabling them at boot. Once a dockerd is on PATH, tsnet's default bridge is called \`tsnet0\` instead of \`docker0\`.
- Some cases only: \`npm run bench -- run ports\`.
`
}

function firstLine(...argv: readonly string[]): string {
  const [file = '', ...args] = argv
  return spawnSync(file, args, { encoding: 'utf8' }).stdout.split('\n')[0] ?? ''
}

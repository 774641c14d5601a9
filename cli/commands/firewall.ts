/** `tsnet firewall` shows the rules; `use iptables|nftables` changes the backend, `guard on|off` the forward guard, `repair` heals. */
import type { Command } from 'commander'
import { TsnetError } from '../../errors/error.ts'
import type { Cli } from '../cli.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show the firewall rules, or choose the backend')
    .argument('[verb]', 'use, guard, repair').argument('[value]', 'iptables or nftables; on or off')
    .addHelpText('after', '\n`firewall use nftables` moves all rules, with containers running.\n'
      + '`firewall repair` makes again what another program flushed: rules, and links and addresses too.\n'
      + '`firewall guard off` lets this host forward between interfaces that are not tsnet\'s.')
    .action(async (verb: string | undefined, value: string | undefined) => {
      switch (verb) {
        case undefined: return show(cli)
        case 'use': return use(value, cli)
        case 'guard': return guard(value, cli)
        case 'repair': return repair(value, cli)
        default: throw new TsnetError('invalid-argument', `unknown command: tsnet firewall ${verb}; there are use, guard and repair`)
      }
    })
}

async function show(cli: Cli): Promise<void> {
  const { firewall } = await cli.engine()
  const inUse = await firewall.expect()
  const summary = await firewall.summary()
  cli.print(`Backend: ${inUse} ${summary.version}`)
  for (const { name, reason } of await firewall.backends()) {
    if (name !== inUse) cli.print(`  ${name}: ${reason ?? `available, \`tsnet firewall use ${name}\` changes to it`}`)
  }
  const guarded = summary.forwardGuard.map(family => `IPv${family}`).join(', ')
  cli.print(guarded === '' ? 'Forward guard: off' : `Forward guard: on (${guarded}): tsnet turned forwarding on, and drops what touches no interface of its own;`
    + ' `tsnet firewall guard off` allows it')
  for (const line of summary.lines) cli.print(line)
}

async function use(name: string | undefined, cli: Cli): Promise<void> {
  if (name === undefined) throw new TsnetError('invalid-argument', 'firewall use: needs iptables or nftables')
  const { firewall } = await cli.engine()
  cli.print(await firewall.use(name))
}

async function guard(value: string | undefined, cli: Cli): Promise<void> {
  if (value !== 'on' && value !== 'off') throw new TsnetError('invalid-argument', 'firewall guard: needs on or off')
  const { firewall } = await cli.engine()
  await firewall.setForwardGuard(value === 'on')
}

async function repair(value: string | undefined, cli: Cli): Promise<void> {
  if (value !== undefined) throw new TsnetError('invalid-argument', `firewall repair: takes no argument, and there is "${value.slice(0, 80)}"`)
  const { controller, foreign, roots } = await cli.engine()
  const { repairCni } = await import('../../cni/repair.ts')
  await controller.recover({ repair: true })
  await foreign.repair()
  await repairCni(roots)
}

/** Global options, the way to a subcommand, and what is said of words that are none. */
import test from 'ava'
import { commandTable } from '../../../cli/command-table.ts'
import { dispatch, parseGlobals } from '../../../cli/dispatch.ts'
import { defineCommand } from '../../../cli/define-command.ts'
import { driverOptions, withDriverFlags } from '../../../cli/driver-options.ts'
import { bridgeOptionReaders } from '../../../drivers/bridge/option-table.ts'
import { FakeCli } from './fake-cli.ts'

test('the roots come from options, else from the environment, else they are the standard ones', t => {
  t.like(parseGlobals(['ps'], {}).globals, { root: '/var/lib/tsnet', runRoot: '/run/tsnet', debug: false })
  t.like(parseGlobals(['ps'], { TSNET_ROOT: '/a', TSNET_RUN_ROOT: '/b' }).globals, { root: '/a', runRoot: '/b' })
  t.like(parseGlobals(['ps'], { TSNET_ROOT: '' }).globals, { root: '/var/lib/tsnet' })
  t.like(parseGlobals(['--root', '/c', '--run-root=/d', '--debug', 'ps'], { TSNET_ROOT: '/a' }).globals, { root: '/c', runRoot: '/d', debug: true })
})

test('what follows the subcommand is not ours', t => {
  t.deepEqual(parseGlobals(['--debug', 'run', '--root', 'x'], {}).words, ['run', '--root', 'x'])
})

for (const [args, message] of [
  [['--root'], '--root: needs an absolute path'],
  [['--root', 'var', 'ps'], '--root: needs an absolute path, not "var"'],
  [['--run-root=', 'ps'], '--run-root: needs an absolute path, not ""'],
  [['--rooot', '/x', 'ps'], 'unknown global option: --rooot; there are --root, --run-root, --debug, --help, --version'],
  [['--debug=maybe', 'ps'], '--debug "maybe": it is neither true nor false'],
] as const) {
  test(`${args.join(' ')} is refused`, t => {
    t.throws(() => parseGlobals(args, {}), { code: 'invalid-argument', message })
  })
}

for (const [words, message] of [
  [['rnu'], 'unknown command: tsnet rnu (did you mean run?)'],
  [['frobnicate'], 'unknown command: tsnet frobnicate; `tsnet --help` lists them'],
  [['network', 'lss'], 'unknown command: tsnet network lss (did you mean network ls?)'],
  [['toString'], 'unknown command: tsnet toString; `tsnet --help` lists them'],
  [['run', '--nmae', 'x', 'busybox'], 'run: unknown option \'--nmae\' (Did you mean --name?); `tsnet run --help` lists its options'],
  [['stop', '--tiem', '3', 'web'], 'stop: unknown option \'--tiem\' (Did you mean --time?); `tsnet stop --help` lists its options'],
  [['run'], 'run needs an image, or --rootfs DIR; `tsnet run --help` lists its options'],
  [['run', '--name'], 'run: option \'--name <name>\' argument missing; `tsnet run --help` lists its options'],
  [['stop'], 'stop: missing required argument \'containers\'; `tsnet stop --help` lists its options'],
  [['port', 'a', 'b', 'c'], 'port: takes 2 arguments, not 3; `tsnet port --help` lists its options'],
  [['ps', 'web'], 'ps: takes no arguments, not 1; `tsnet ps --help` lists its options'],
  [['network', 'create', 'blue', 'red'], 'network create: takes one argument, not 2; `tsnet network create --help` lists its options'],
  [['network', 'create', 'blue', '--ipv6=maybe'], '--ipv6 "maybe": it is neither true nor false'],
  [['help', 'rnu'], 'unknown command: tsnet rnu (did you mean run?)'],
  [['firewall', 'repair', 'now'], 'firewall repair: takes no argument, and there is "now"'],
] as const) {
  test(`\`tsnet ${words.join(' ')}\` is refused`, async t => {
    await t.throwsAsync(dispatch(words, new FakeCli()), { code: 'invalid-argument', message })
  })
}

test('--help lists every command that is not hidden, and a group its own', async t => {
  const cli = new FakeCli()
  await dispatch([], cli)
  for (const [name, { summary }] of Object.entries(commandTable)) t.is(cli.printed[0]?.includes(`  ${name} `), summary !== undefined, name)
  await dispatch(['network'], cli)
  t.regex(cli.printed[1] ?? '', /^Usage: tsnet network COMMAND\n[^]*\n {2}create {3}/)
})

test('every command of the table can be loaded and has an action', async t => {
  for (const entry of Object.values(commandTable)) {
    for (const command of 'commands' in entry ? Object.values(entry.commands) : [entry]) t.is(typeof (await command.load()).define, 'function')
  }
})

test('flags of `network create` are short for options of the driver, and may not contradict them', t => {
  const said = (flags: Readonly<Record<string, unknown>>, options = {}) =>
    withDriverFlags(options, { icc: true, ipMasq: true, antiSpoofing: true, name: 'x', ...flags })
  t.deepEqual(said({}), {})
  t.deepEqual(said({ mtu: '1400', icc: false, inhibitIpv4: true, ipv6Proxy: 'v2' }, { 'tsnet.anti_spoofing': 'false' }), {
    'com.docker.network.driver.mtu': '1400', 'com.docker.network.bridge.enable_icc': 'false', 'com.docker.network.bridge.inhibit_ipv4': 'true',
    'tsnet.ipv6_proxy': 'v2', 'tsnet.anti_spoofing': 'false',
  })
  t.deepEqual(said({ mtu: '1400' }, { 'com.docker.network.driver.mtu': '1400' }), { 'com.docker.network.driver.mtu': '1400' })
  t.throws(() => said({ mtu: '1400' }, { 'com.docker.network.driver.mtu': '1300' }),
    { code: 'conflicting-options', message: 'create network: --mtu 1400 and -o com.docker.network.driver.mtu=1300 say different things' })
  t.throws(() => said({ icc: false }, { 'com.docker.network.bridge.enable_icc': 'true' }),
    { code: 'conflicting-options', message: 'create network: --no-icc and -o com.docker.network.bridge.enable_icc=true say different things' })
})

test('every option of the driver has a flag of its own, which no other option of `network create` has', async t => {
  const { options } = await defineCommand('network create', { load: () => import('../../../cli/commands/network-create.ts') }, new FakeCli())
  const names = options.map(option => option.attributeName())
  t.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), [])
  t.true(Object.values(driverOptions).every(({ flag }) => options.some(({ flags }) => flags === flag)))
})

test('the help of `network create` names all options of the driver', t => {
  t.deepEqual(Object.keys(driverOptions).toSorted(), Object.keys(bridgeOptionReaders).toSorted())
})

test('the usage of a command is as in its reference page', async t => {
  const command = await defineCommand('run', { load: () => import('../../../cli/commands/run.ts') }, new FakeCli())
  t.is(command.usage(), '[OPTIONS] [IMAGE] [COMMAND...]')
})

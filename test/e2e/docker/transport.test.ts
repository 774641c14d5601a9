/** The sockets of `tsnet serve`, and its end: no dockerd is needed for these. */
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { TSNET } from '../../helpers/tsnet.ts'
import { requires } from '../../helpers/requires.ts'

const socket = '/run/docker/plugins/tsnet.sock'

/** Starts it, and gives what it has said once it listens. */
async function started(t: ExecutionContext, host: FakeHost, ...flags: readonly string[]): Promise<{ readonly kill: (signal: NodeJS.Signals) => Promise<number | null> }> {
  const child = host.startTsnet('serve', ...flags)
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (part: Buffer) => {
      log += part.toString('utf8')
      if (log.includes('listening on')) resolve()
    })
    child.once('exit', () => reject(new Error(log)))
  })
  t.log(log)
  return {
    async kill(signal) {
      const ended = once(child, 'exit')
      child.kill(signal)
      const [status] = await ended as [number | null]
      return status
    },
  }
}

const health = async (host: FakeHost, ...more: readonly string[]): Promise<string> => {
  const { stdout } = await host.try('curl', '-sS', '-m', '5', ...more)
  return stdout
}

test.serial('the socket is root\'s alone, answers GET /healthz, and goes with a clean end', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const serve = await started(t, host)
  t.is(statSync(socket).mode & 0o777, 0o600)
  t.regex(await health(host, '--unix-socket', socket, 'http://localhost/healthz'), /"status":"ok"/)
  t.is(await serve.kill('SIGTERM'), 0)
  t.false(existsSync(socket))
})

test.serial('a socket that a dead process left is replaced, one that is in use and a plain file are not', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const serve = await started(t, host)
  await serve.kill('SIGKILL')
  t.true(existsSync(socket), 'left behind')
  const second = await started(t, host)
  t.regex((await host.tsnet('serve')).stderr, /another tsnet serve runs here.*\(socket-in-use\)/)
  await second.kill('SIGTERM')
  const foreign = createServer().listen(socket)
  await once(foreign, 'listening')
  t.regex((await host.tsnet('serve')).stderr, /another process listens there \(socket-in-use\)/)
  foreign.close()
  await once(foreign, 'close')
  writeFileSync('/run/plain', 'x')
  t.regex((await host.tsnet('serve', '--socket', '/run/plain')).stderr, /no socket \(file-exists\)/)
  t.is(readFileSync('/run/plain', 'utf8'), 'x')
})

test.serial('where no folder can be made, and where another one runs, it says so and ends', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  for (const flags of [['--socket', '/proc/x/tsnet.sock'], ['--discovery', '/proc/x/tsnet.spec']]) {
    const { status, stderr } = await host.tsnet('serve', ...flags)
    t.is(status, 1)
    t.regex(stderr, /^tsnet: make the folder of "\/proc\/x\/[a-z.]+": no folder can be made there \(store-error\)\n$/)
  }
  for (const flag of ['--root', '--run-root']) {
    const { status, stderr } = await host.tsnet(flag, '/proc/x', 'serve')
    t.is(status, 1)
    t.regex(stderr, /^tsnet: open [^\n]*: no folder can be made there \(store-error\)\n$/)
  }
  const tls = await host.tsnet('serve', '--tcp', '127.0.0.1:9999', '--tls-ca', '/etc', '--tls-cert', '/etc', '--tls-key', '/etc')
  t.is(tls.stderr, 'tsnet: read "/etc": it is a directory (invalid-argument)\n')
  mkdirSync('/run/folder.spec')
  t.is((await host.tsnet('serve', '--discovery', '/run/folder.spec')).stderr.split('\n').at(-2), 'tsnet: write "/run/folder.spec": it is a directory (store-error)')
  t.false(existsSync('/run/folder.spec.new'))
  t.is((await host.tsnet('serve', '--tls-ca', '/etc/passwd')).stderr, 'tsnet: --tls-ca: is of no use without --tcp (invalid-argument)\n')
  const serve = await started(t, host)
  const second = await host.tsnet('serve', '--socket', '/run/docker/plugins/second.sock')
  t.is(second.status, 1)
  t.regex(second.stderr, /another tsnet serve runs here.*\(socket-in-use\)/)
  t.is(await serve.kill('SIGTERM'), 0)
})

test.serial('over TCP only with a certificate of the authority, and the .json file says how', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const folder = '/run/tls'
  mkdirSync(folder)
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: readonly string[]): Promise<string> => host.run('openssl', ...args)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await openssl('req', '-x509', ...newKey, '-subj', '/CN=authority', '-keyout', file('ca.key'), '-out', file('ca.pem'))
  writeFileSync(file('san'), 'subjectAltName=IP:127.0.0.1\n')
  for (const name of ['server', 'client']) {
    await openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`))
    await openssl('x509', '-req', '-days', '2', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('san'), '-out', file(`${name}.pem`))
  }
  const tls = ['--tls-ca', file('ca.pem'), '--tls-cert', file('server.pem'), '--tls-key', file('server.key')]
  t.regex((await host.tsnet('serve', '--tcp', '127.0.0.1:9999')).stderr, /needs --tls-ca/)
  t.regex((await host.tsnet('serve', '--tcp', 'nonsense', ...tls)).stderr, /is not HOST:PORT/)
  t.regex((await host.tsnet('serve', '--tcp', '127.0.0.1:9999', '--tls-ca', '/nowhere', '--tls-cert', '/nowhere', '--tls-key', '/nowhere')).stderr, /read "\/nowhere"/)
  const refused = async (...flags: readonly string[]): Promise<string> => (await host.tsnet('serve', '--tcp', '127.0.0.1:9999', ...tls, ...flags)).stderr
  t.regex(await refused('--tls-ca', '/etc/passwd'), /read "\/etc\/passwd": it is no certificate in PEM \(invalid-argument\)/)
  t.regex(await refused('--tls-key', file('ca.pem')), /read "[^"]*ca\.pem": it is no private key in PEM/)
  t.regex(await refused('--tls-key', file('ca.key')), /read "[^"]*ca\.key": it is not the key of the certificate "[^"]*server\.pem" \(invalid-argument\)/)
  t.regex(await refused('--tcp', '10.99.99.99:9999'), /this host has no such address \(invalid-argument\)/)
  const discovery = '/run/plugins/tsnet.json'
  const serve = await started(t, host, '--tcp', '127.0.0.1:9999', ...tls, '--discovery', discovery, '--client-cert', file('client.pem'), '--client-key', file('client.key'))
  const url = 'https://127.0.0.1:9999/healthz'
  t.is(await health(host, '--cacert', file('ca.pem'), url), '')
  t.regex(await health(host, '--cacert', file('ca.pem'), '--cert', file('client.pem'), '--key', file('client.key'), url), /"status":"ok"/)
  t.deepEqual(JSON.parse(readFileSync(discovery, 'utf8')), {
    Name: 'tsnet', Addr: 'https://127.0.0.1:9999', TLSConfig: { InsecureSkipVerify: false, CAFile: file('ca.pem'), CertFile: file('client.pem'), KeyFile: file('client.key') },
  })
  t.is(await serve.kill('SIGINT'), 0)
  t.false(existsSync(discovery))
})

test.serial('a .spec file has the address of the socket', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  t.regex((await host.tsnet('serve', '--discovery', '/run/plugins/tsnet.txt')).stderr, /ends with \.spec or \.json/)
  const serve = await started(t, host, '--socket', '/run/elsewhere/x.sock', '--discovery', '/run/plugins/tsnet.spec')
  t.is(readFileSync('/run/plugins/tsnet.spec', 'utf8'), 'unix:///run/elsewhere/x.sock\n')
  await serve.kill('SIGTERM')
})

test.serial('a socket that systemd listens on is served, and stays', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const program = `
    const { createServer } = require('node:net'), { spawn } = require('node:child_process')
    const server = createServer({ pauseOnConnect: true }).listen('/run/activated.sock', () => {
      const child = spawn('sh', ['-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" serve', process.argv[1]],
        { stdio: ['ignore', 'ignore', 'inherit', server._handle.fd] })
      process.on('SIGTERM', () => child.kill('SIGTERM'))
      child.on('exit', status => process.exit(status))
    })`
  const child = host.spawn([process.execPath, '-e', program, TSNET], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...host.roots.env } })
  const [line] = await once(child.stderr ?? child, 'data') as [Buffer]
  t.regex(String(line), /listening on the socket of systemd/)
  t.false(existsSync(socket))
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  t.deepEqual((await ended)[0], 0)
  t.true(existsSync('/run/activated.sock'))
})

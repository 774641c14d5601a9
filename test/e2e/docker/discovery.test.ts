/** dockerd finds the plugin by the files that `--discovery` writes: .spec for a socket elsewhere, .json for TCP with certificates. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { DockerLab } from './lab.ts'

/** Docker's package has the folder; here it is empty and gone with the test's mount namespace, before dockerd gets a copy of that. */
function emptyEtcDocker(): void {
  execFileSync('mount', ['-t', 'tmpfs', 'none', '/etc/docker'])
  mkdirSync('/etc/docker/plugins')
}

const works = async (lab: DockerLab, driver: string): Promise<string> => {
  await lab.docker('network', 'create', '-d', driver, '--ipam-driver', driver, 'blue')
  await lab.web('web', 'blue', '-p', '8080:80')
  const answer = await lab.host.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://127.0.0.1:8080/')
  await lab.docker('rm', '-f', 'web')
  await lab.docker('network', 'rm', 'blue')
  return answer.trim()
}

test.serial('networks of a plugin found by .spec, and by .json over TLS', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dockerd') || !requires.tool(t, 'openssl')) return
  mkdirSync('/etc/docker', { recursive: true })
  emptyEtcDocker()
  await using lab = await DockerLab.create({ serve: false })
  await lab.startServe('--socket', '/run/elsewhere/x.sock', '--discovery', '/etc/docker/plugins/spec.spec')
  t.is(await works(lab, 'spec'), 'web')
  await lab.endServe('SIGTERM')
  const folder = '/run/tls'
  mkdirSync(folder)
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: readonly string[]): Promise<string> => lab.host.run('openssl', ...args)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await openssl('req', '-x509', ...newKey, '-subj', '/CN=authority', '-keyout', file('ca.key'), '-out', file('ca.pem'))
  writeFileSync(file('san'), 'subjectAltName=IP:127.0.0.1\n')
  for (const name of ['server', 'client']) {
    await openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`))
    await openssl('x509', '-req', '-days', '2', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('san'), '-out', file(`${name}.pem`))
  }
  await lab.startServe('--socket', '/run/elsewhere/x.sock', '--tcp', '127.0.0.1:2400', '--tls-ca', file('ca.pem'), '--tls-cert', file('server.pem'), '--tls-key', file('server.key'),
    '--discovery', '/etc/docker/plugins/secure.json', '--client-cert', file('client.pem'), '--client-key', file('client.key'))
  t.is(await works(lab, 'secure'), 'web')
})

/** Containers on networks: reaching each other, reaching out, being kept apart; and their life. */
import { readFileSync } from 'node:fs'
import { eventually, mustContain, type Stage } from './stage.ts'

export async function containers(stage: Stage): Promise<void> {
  await stage.chapter('Containers on the default network', async () => {
    await stage.tsnet('run', '-d', '--name', 'one', 'busybox', 'sleep', '600')
    await stage.tsnet('run', '-d', '--name', 'two', 'busybox', 'sleep', '600')
    await stage.check('they reach each other by address', async () => pinged(stage, 'one', await stage.address('two')))
    const server = await stage.host.outside.serveTcp(7000)
    await stage.check('they reach a server outside, which sees the host\'s address (masquerade)', async () =>
      mustContain(await stage.tsnet('exec', 'one', 'nc', '192.0.2.2', '7000'), /^192\.0\.2\.1$/m))
    await server.close()
  })

  await stage.chapter('A network of one\'s own is kept apart', async () => {
    await stage.tsnet('run', '-d', '--name', 'three', '--net=blue', 'busybox', 'sleep', '600')
    await stage.check('a container there reaches outside', () => pinged(stage, 'three', '192.0.2.2'))
    await stage.check('but not a container of the default network', () => stage.address('one').then(address => unreached(stage, 'three', address)))
    await stage.check('nor is it reached from there', () => stage.address('three').then(address => unreached(stage, 'one', address)))
    await stage.check('outside cannot reach an address that is not published, even when it knows the way', async () => {
      const address = await stage.address('three')
      await stage.host.outside.run('ip', 'route', 'add', '10.20.0.0/24', 'via', '192.0.2.1')
      try {
        if (await stage.host.outside.reaches(address)) throw new Error(`outside reached ${address}`)
      } finally {
        await stage.host.outside.run('ip', 'route', 'del', '10.20.0.0/24')
      }
      return `ping ${address} from outside: no answer`
    })
  })

  await stage.chapter('IPv6', async () => {
    await stage.tsnet('network', 'create', '--ipv6', '--subnet', 'fd5a:20::/64', 'six')
    await stage.tsnet('run', '-d', '--name', 'four', '--net=six', 'busybox', 'sleep', '600')
    await stage.tsnet('run', '-d', '--name', 'five', '--net=six', 'busybox', 'sleep', '600')
    await stage.check('two containers reach each other by IPv6', async () => pinged(stage, 'four', await stage.address('five', 6)))
    await stage.check('and reach outside by IPv6', () => pinged(stage, 'four', '2001:db8::2'))
    await stage.tsnet('rm', '-f', 'four', 'five')
  })

  await life(stage)
}

async function life(stage: Stage): Promise<void> {
  await stage.chapter('A container\'s life', async () => {
    await stage.check('the exit status is the command\'s', async () => {
      stage.show('tsnet', 'run', '--rm', 'busybox', 'sh', '-c', 'exit 7')
      const { status } = await stage.try('run', '--rm', 'busybox', 'sh', '-c', 'exit 7')
      if (status !== 7) throw new Error(`status ${status}`)
      return `status ${status}`
    })
    await stage.tsnet('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done')
    await stage.check('what it says is in its log', () => eventually(async () => mustContain(await stage.quietly('logs', 'talker'), 'ready')))
    await stage.check('it runs on with no daemon and no tsnet process: only its shim waits for it', async () => {
      const pid = (await stage.quietly('inspect', '--format', '{{.State.Pid}}', 'talker')).trim()
      const shim = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      const resident = /^VmRSS:.*$/m.exec(readFileSync(`/proc/${shim}/status`, 'utf8'))?.[0].replaceAll(/\s+/g, ' ')
      return `container ${pid}, its parent ${shim}, ${resident ?? 'no memory of its own'}`
    })
    await stage.check('a second process runs inside it', async () => mustContain(await stage.tsnet('exec', 'talker', 'ps'), /1 root .*trap/))
    await stage.tsnet('stop', 'talker')
    await stage.check('`stop` lets it end by itself, and its status is kept', async () => {
      const line = (await stage.quietly('ps', '-a')).split('\n').find(text => text.includes('talker')) ?? ''
      return mustContain(line, 'Exited (3)')
    })
    await stage.tsnet('rm', 'talker')
  })
}

async function pinged(stage: Stage, from: string, address: string): Promise<string> {
  const answer = await stage.tsnet('exec', from, 'ping', '-c', '1', '-W', '2', address)
  return mustContain(answer, 'bytes from').split('\n').find(line => line.includes('bytes from')) ?? answer
}

async function unreached(stage: Stage, from: string, address: string): Promise<string> {
  stage.show('tsnet', 'exec', from, 'ping', '-c', '1', '-W', '1', address)
  const { status, stdout } = await stage.try('exec', from, 'ping', '-c', '1', '-W', '1', address)
  if (status === 0) throw new Error(`${from} reached ${address}`)
  return mustContain(stdout, '100% packet loss').split('\n').find(line => line.includes('loss')) ?? stdout
}

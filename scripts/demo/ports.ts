/** Published ports, from every side. The same checks run again after the firewall has been changed. */
import { PAGE, WEB_SERVER } from './image.ts'
import { eventually, mustContain, type Stage } from './stage.ts'

const curl = (url: string): readonly string[] => ['curl', '-sS', '-m', '3', url]

export async function ports(stage: Stage): Promise<void> {
  await stage.chapter('Published ports', async () => {
    await stage.tsnet('run', '-d', '--name', 'web', '--net=bridge', '-p', '8888:80', 'busybox', ...WEB_SERVER)
    await publishedPort(stage)
    await stage.check('a taken port is refused, and its holder is named', async () => {
      stage.show('tsnet', 'run', '-d', '-p', '8888:80', 'busybox', 'sleep', '60')
      const { status, stderr } = await stage.try('run', '-d', '-p', '8888:80', 'busybox', 'sleep', '60')
      if (status !== 125) throw new Error(`status ${status}: ${stderr}`)
      mustContain(stderr, '8888')
      return mustContain(stderr, 'web')
    })
    await stage.check('`tsnet port` lists it', async () => mustContain(await stage.tsnet('port', 'web'), '8888'))
  })
}

/** The four ways to a published port, and what the container sees of its client. */
export async function publishedPort(stage: Stage): Promise<void> {
  const { host } = stage
  const page = (address: string): string => `http://${address}:8888/${PAGE}`
  await stage.check('outside reaches the container at the host\'s address, and is seen under its own', () => eventually(async () => {
    return mustContain(await host.outside.run(...curl(page('192.0.2.1'))), '192.0.2.2')
  }))
  await stage.check('the host reaches it at 127.0.0.1', async () => mustContain(await host.run(...curl(page('127.0.0.1'))), 'sees'))
  await stage.check('and at its own address', async () => mustContain(await host.run(...curl(page('192.0.2.1'))), 'sees'))
  await stage.check('another container reaches it at the host\'s address', async () =>
    mustContain(await stage.quietly('exec', 'two', 'wget', '-qO-', page('192.0.2.1')), 'sees'))
  await stage.check('the container reaches itself at the host\'s address (hairpin)', async () =>
    mustContain(await stage.quietly('exec', 'web', 'wget', '-qO-', page('192.0.2.1')), 'sees'))
}

/** Images and networks: what is made is plain kernel objects, and can be said before it is done. */
import { importImage } from './image.ts'
import { mustContain, type Stage } from './stage.ts'

export async function networks(stage: Stage): Promise<void> {
  await stage.chapter('An image from an archive', async () => {
    await importImage(stage)
    await stage.check('it is listed', async () => mustContain(await stage.quietly('image', 'ls'), 'busybox'))
  })

  await stage.chapter('A network is a list of kernel objects', async () => {
    await stage.check('--dry-run says what would be done, as commands, and does nothing', async () => {
      const plan = await stage.tsnet('network', 'create', '--dry-run', '--subnet', '10.20.0.0/24', 'blue')
      mustContain(plan, 'type bridge')
      mustContain(plan, '10.20.0.1/24')
      const links = await stage.host.run('ip', '-br', 'link')
      if (/tsbr-/.test(links)) throw new Error(`a bridge was made: ${links}`)
      return plan
    })
    await stage.tsnet('network', 'create', '--subnet', '10.20.0.0/24', 'blue')
    await stage.check('`ip` sees its bridge and gateway address', async () =>
      mustContain(await stage.host.run('ip', '-br', '-4', 'addr', 'show', 'type', 'bridge'), '10.20.0.1/24'))
    await stage.check('`iptables -t nat -S` sees how its containers leave: by masquerade', async () => {
      const rules = await stage.host.run('iptables', '-t', 'nat', '-S')
      mustContain(rules, /-s 10\.20\.0\.0\/24 .*MASQUERADE/)
      return rules.split('\n').filter(rule => /10\.20\.0\.0|TSNET/.test(rule)).join('\n')
    })
  })
}

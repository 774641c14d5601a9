/** The other firewall backend, with containers running: nothing of the first is left, and everything works as before. */
import { PAGE } from './image.ts'
import { publishedPort } from './ports.ts'
import { mustContain, type Stage } from './stage.ts'

export async function firewall(stage: Stage): Promise<void> {
  await stage.chapter('From iptables to nftables, with containers running', async () => {
    await stage.tsnet('firewall', 'use', 'nftables')
    await stage.check('the rules are in nftables\' own table now', async () =>
      mustContain(await stage.host.run('nft', 'list', 'tables'), 'tsnet'))
    await stage.check('and none is left in iptables', async () => {
      const rules = await stage.host.run('iptables-save')
      if (/TSNET/.test(rules)) throw new Error(rules)
      return '`iptables-save` knows no TSNET chain'
    })
    await publishedPort(stage)
    await stage.check('containers still leave under the host\'s address', async () => {
      await using server = await stage.host.outside.serveTcp(7001)
      return mustContain(await stage.quietly('exec', 'one', 'nc', '192.0.2.2', String(server.port)), /^192\.0\.2\.1$/m)
    })
    await stage.check('what another program has flushed is made again', async () => {
      stage.show('nft', 'flush', 'ruleset')
      await stage.host.run('nft', 'flush', 'ruleset')
      await stage.tsnet('firewall', 'repair')
      return mustContain(await stage.host.outside.run('curl', '-sS', '-m', '3', `http://192.0.2.1:8888/${PAGE}`), '192.0.2.2')
    })
  })
}

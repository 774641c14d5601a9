/** The network modes beside networks: host, none, container. */
import { PAGE } from './image.ts'
import { mustContain, type Stage } from './stage.ts'

export async function modes(stage: Stage): Promise<void> {
  await stage.chapter('--net=none, host and container', async () => {
    await stage.check('none: nothing but lo', async () => {
      const links = await stage.tsnet('run', '--rm', '--net=none', 'busybox', 'ip', '-o', 'link')
      if (linkNames(links).join(' ') !== 'lo') throw new Error(links)
      return links
    })
    await stage.check('host: the host\'s own links', async () => {
      const inside = linkNames(await stage.tsnet('run', '--rm', '--net=host', 'busybox', 'ip', '-o', 'link'))
      const links = linkNames(await stage.host.run('ip', '-o', 'link'))
      if (inside.join(' ') !== links.join(' ')) throw new Error(`inside ${inside.join(' ')}, the host has ${links.join(' ')}`)
      return inside.join(' ')
    })
    await stage.check('container:web: what web listens on is here on 127.0.0.1', async () =>
      mustContain(await stage.tsnet('run', '--rm', '--net=container:web', 'busybox', 'wget', '-qO-', `http://127.0.0.1/${PAGE}`), 'sees'))
  })
}

function linkNames(text: string): readonly string[] {
  return [...text.matchAll(/^\d+: ([^:@\s]+)/gm)].map(([, name]) => name ?? '').toSorted()
}

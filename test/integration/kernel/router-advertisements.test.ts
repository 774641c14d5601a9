/** A host that has its IPv6 by router advertisements keeps it when a network turns forwarding on. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { openKernel } from '../../../kernel/kernel.ts'
import { linkFamily } from '../../../kernel/objects/family.ts'
import type { KernelObject } from '../../../objects/object.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { ethernet, routerAdvertisement } from '../../helpers/frames.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

const forwarding: KernelObject = { kind: 'sysctl', key: 'net/ipv6/conf/all/forwarding', value: '1', keep: true }
const ROUTER = 'fe80::2'
const ALL_NODES = Buffer.of(0x33, 0x33, 0, 0, 0, 1)
const TRIES = 200

const self = new Namespace('host')
const setting = (link: string, name: string): string => `/proc/sys/net/ipv6/conf/${link}/${name}`
const read = (link: string, name: string): string => readFileSync(setting(link, name), 'utf8').trim()

async function advertise(router: Namespace): Promise<void> {
  const [link] = await router.json<readonly { readonly ifindex: number, readonly address: string }[]>('ip', '-j', 'link', 'show', 'eth0')
  const frame = ethernet(link!.address, ALL_NODES, 0x86dd, routerAdvertisement(ROUTER))
  await router.run(process.execPath, fileURLToPath(new URL('../../helpers/packet-socket.ts', import.meta.url)), 'send', String(link!.ifindex), frame.toString('hex'))
}

const learnt = (): Promise<string> => self.run('ip', '-6', 'route', 'show', 'default', 'proto', 'ra')

async function untilLearnt(): Promise<string> {
  for (let tries = 0; tries < TRIES; tries++) {
    const routes = await learnt()
    if (routes !== '') return routes
  }
  throw new Error('the host has learnt no route of the router')
}

test.serial('a default route learnt from a router outlives the start of forwarding, and so does its next advertisement', async t => {
  if (!requires.root(t) || !requires.tool(t, 'ip')) return
  await using host = await FakeHost.create()
  writeFileSync(setting('up0', 'accept_ra'), '1')
  await advertise(host.outside)
  t.regex(await untilLearnt(), /^default via fe80::2 dev up0 /)
  const kernel = openKernel()
  await linkFamily(kernel).create([forwarding])
  t.is(read('all', 'forwarding'), '1')
  t.regex(await learnt(), /^default via fe80::2 dev up0 /)
  await self.run('ip', '-6', 'route', 'del', 'default', 'proto', 'ra')
  await advertise(host.outside)
  t.regex(await untilLearnt(), /^default via fe80::2 dev up0 /)
  kernel.close()
})

test.serial('links that did not listen, and those to come, are left as they are; so is a host that forwards already', async t => {
  if (!requires.root(t) || !requires.tool(t, 'ip')) return
  await using host = await FakeHost.create()
  await host.neighbour('deaf', { link: 'dl0', addresses: [] })
  await host.neighbour('routing', { link: 'rt0', addresses: [] })
  for (const [link, name, value] of [['dl0', 'accept_ra', '0'], ['rt0', 'accept_ra', '1'], ['rt0', 'forwarding', '1'], ['up0', 'accept_ra', '1']] as const) {
    writeFileSync(setting(link, name), value)
  }
  const later = read('default', 'accept_ra')
  const kernel = openKernel()
  const family = linkFamily(kernel)
  await family.create([forwarding])
  t.deepEqual(['up0', 'dl0', 'rt0', 'default'].map(link => read(link, 'accept_ra')), ['2', '0', '1', later])
  writeFileSync(setting('up0', 'accept_ra'), '1')
  await family.create([forwarding])
  t.is(read('up0', 'accept_ra'), '1', 'who changes it afterwards is not overruled')
  t.regex(family.describe(forwarding).join('\n'), /accept_ra.*\nsysctl -w net\/ipv6\/conf\/all\/forwarding=1$/)
  kernel.close()
})

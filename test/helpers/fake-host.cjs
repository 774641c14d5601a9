'use strict'
/**
 * Loaded before anything else in every test process (`--require`): gives the process a network and a mount namespace of its own, so
 * that "the host" of a test is never the real one. Threads of the libuv pool are started later, by this thread, so they are
 * inside too. Without root nothing is done, and tests that need the kernel say so.
 */
const path = require('node:path')

const CLONE_NEWNS = 0x00020000
const CLONE_NEWNET = 0x40000000
const MS_REC_PRIVATE = 0x44000

if (process.getuid() === 0 && process.env.TSNET_FAKE_HOST !== 'off') {
  const addon = { exports: {} }
  const root = path.join(__dirname, '../../node_modules/@koromix')
  process.dlopen(addon, path.join(root, `koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`))
  const libc = addon.exports.load(null)
  const unshare = libc.func('int unshare(int flags)')
  const mount = libc.func('int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)')
  if (unshare(CLONE_NEWNS | CLONE_NEWNET) !== 0) throw new Error('fake host: unshare failed')
  if (mount('none', '/', null, MS_REC_PRIVATE, null) !== 0) throw new Error('fake host: mount --make-rprivate / failed')
  for (const folder of ['/run', '/var/lib']) {
    if (mount('tmpfs', folder, 'tmpfs', 0, null) !== 0) throw new Error(`fake host: mount tmpfs ${folder} failed`)
  }
  require('node:child_process').execFileSync('ip', ['link', 'set', 'lo', 'up'])
  process.env.TSNET_FAKE_HOST = 'inside'
}

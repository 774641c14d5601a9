'use strict'
/**
 * Exit status 0 when node_modules holds what package-lock.json asks for on this machine, else 1.
 *
 * Compares contents, not dates: a fresh clone has lock files of any date. Runs on the system's Node (18 or later), as there is
 * no other before the packages are installed.
 */
const { existsSync, readFileSync } = require('node:fs')

const packagesOf = path => existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {}
const wanted = packagesOf('package-lock.json')
const installed = packagesOf('node_modules/.package-lock.json')
const fits = entry => !entry.optional || ((!entry.os || entry.os.includes(process.platform))
  && (!entry.cpu || entry.cpu.includes(process.arch)) && (!entry.libc || entry.libc.includes('glibc')))

const missing = Object.entries(wanted).filter(([path, entry]) =>
  path !== '' && fits(entry) && (!existsSync(path) || installed[path]?.version !== entry.version))
process.exitCode = missing.length === 0 ? 0 : 1

/** One idea a file: sizes, headers, and the habits that a reviewer would refuse. */
import test from 'ava'
import { projectFiles, productFiles, readProjectFile } from './source-tree.ts'

const handWritten = projectFiles('.ts', '.cjs').filter(file => !file.includes('.generated.'))
const lines = (file: string): number => readProjectFile(file).split('\n').length - 1
const matching = (pattern: RegExp): readonly string[] => handWritten.filter(file => pattern.test(readProjectFile(file)))

test('no file is longer than 400 lines', t => {
  t.deepEqual(handWritten.filter(file => lines(file) > 400), [])
})

test('a file of more than 40 lines begins by saying what it is', t => {
  const begins = (file: string): boolean => /^(#!.*\n)?('use strict'\n)?\/\*\*/.test(readProjectFile(file))
  t.deepEqual(productFiles().filter(file => !file.includes('.generated.') && lines(file) > 40 && !begins(file)), [])
})

test('nothing is exported by default', t => {
  t.deepEqual(matching(/^export default /m), [])
})

test('nothing is left for later', t => {
  // Split, so that this file does not find itself.
  const later = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X\\b'].join(''))
  t.deepEqual(matching(later), [])
})

test('no type is loosened and no check is switched off', t => {
  t.deepEqual(matching(/^\s*\/[/*]\s*@ts-(ignore|nocheck)/m), [])
  t.deepEqual(productFiles().filter(file => readProjectFile(file).includes('@ts-expect-error')), [])
})

test('no test is skipped, and none runs alone', t => {
  t.deepEqual(matching(new RegExp(['\\btest(\\.serial)?\\.', '(skip|only|todo|failing)\\('].join(''))), [])
})

test('folders are made by kernel/folder.ts, which ends where there can be none', t => {
  const own = ['cli/code-cache.ts', 'runtime/rootfs/mount-targets.ts']
  t.deepEqual(productFiles().filter(file => !own.includes(file) && /mkdirSync\(.*recursive: true/.test(readProjectFile(file))), [])
})

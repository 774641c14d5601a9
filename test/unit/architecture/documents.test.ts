/** The documents are true: links lead somewhere, generated pages are current, the code map names every folder. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { codes } from '../../../errors/codes.ts'
import { cliPage } from '../../../scripts/generate-cli.ts'
import { errorsPage } from '../../../scripts/generate-errors.ts'
import { reachabilityPage } from '../../../scripts/generate-reachability.ts'
import { pluginApiDocument } from '../../../scripts/generate-plugin-api.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { folderOf, productFiles, projectFiles, readProjectFile } from './source-tree.ts'

const documents = projectFiles('.md')

test('every relative link of every document leads to a file', t => {
  const broken = documents.flatMap(file => [...readProjectFile(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^[a-z]+:/.test(target) && !existsSync(join(CHECKOUT, dirname(file), target)))
    .map(target => `${file}: ${target}`))
  t.deepEqual(broken, [])
})

test('the page of error codes is the table of error codes', t => {
  t.is(readProjectFile('docs/reference/errors.md'), errorsPage(), 'run: npm run docs')
})

test('the page of the command line is what the commands say of themselves', async t => {
  t.is(readProjectFile('docs/reference/cli.md'), await cliPage(), 'run: npm run docs')
})

test('the OpenAPI document is what requests are checked by', t => {
  t.is(readProjectFile('docs/reference/plugin-api.yaml'), pluginApiDocument(), 'run: npm run docs')
})

test('the page of who reaches what is the table that is tried', t => {
  t.is(readProjectFile('docs/reference/reachability.md'), reachabilityPage(), 'run: npm run docs')
})

test('every error code is used', t => {
  const source = productFiles().filter(file => file !== 'errors/codes.ts').map(readProjectFile).join('\n')
  t.deepEqual(Object.keys(codes).filter(code => !source.includes(`'${code}'`)), [])
})

test('the architecture document has a section for every folder of the product', t => {
  const architecture = readProjectFile('ARCHITECTURE.md')
  const folders = [...new Set(productFiles().map(folderOf))]
  t.deepEqual(folders.filter(folder => !architecture.includes(`\`${folder}/\``)), [])
})

test('the readme fits two screens', t => {
  t.true(readProjectFile('README.md').split('\n').length <= 121)
})

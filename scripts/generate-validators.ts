/**
 * Writes the JSON schemas as plain functions: those of runtime/images/schemas/ to runtime/images/schemas.generated.ts, those of
 * plugin-api/schemas.ts to plugin-api/validators.generated.ts.
 *
 *     sh scripts/node.sh scripts/generate-validators.ts
 *
 * Compiling schemas at start costs some 84 ms, the generated functions 1 ms; what they need is in the file itself. A unit test
 * compares the files with what this script makes.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type Options } from 'ajv'
import standaloneCode from 'ajv/dist/standalone/index.js'
import { calls, definitions } from '../plugin-api/schemas.ts'

const folder = fileURLToPath(new URL('../runtime/images/', import.meta.url))
export const generatedFile: string = join(folder, 'schemas.generated.ts')
export const generatedPluginFile: string = fileURLToPath(new URL('../plugin-api/validators.generated.ts', import.meta.url))

const options: Options = { code: { source: true, esm: true, lines: true }, allowUnionTypes: true, strict: true }

/** The file's text. @throws when a schema uses what would need ajv at run time */
export function generateValidators(): string {
  const ajv = new Ajv(options)
  const names = readdirSync(join(folder, 'schemas')).toSorted()
  const exported: Record<string, string> = {}
  for (const file of names) {
    const id = file.replace(/\.json$/, '')
    ajv.addSchema(JSON.parse(readFileSync(join(folder, 'schemas', file), 'utf8')) as object)
    exported[id.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())] = id
  }
  return asFile(ajv, exported, 'runtime/images/schemas/*.json')
}

/** The same, of the plugin's calls: `NetworkDriver.Join` is the function NetworkDriverJoin. */
export function generatePluginValidators(): string {
  const ajv = new Ajv(options)
  for (const [name, schema] of Object.entries(definitions)) ajv.addSchema({ $id: name, ...schema })
  for (const [call, { schema }] of Object.entries(calls)) ajv.addSchema({ $id: call, ...schema })
  return asFile(ajv, Object.fromEntries(Object.keys(calls).map(call => [call.replace('.', ''), call])), 'plugin-api/schemas.ts')
}

function asFile(ajv: Ajv, exported: Record<string, string>, source: string): string {
  const code = standaloneCode.default(ajv, exported)
  if (/\brequire\(|^import /m.test(code)) throw new Error('a schema uses a keyword that needs ajv at run time')
  return `// @ts-nocheck\n// Made by scripts/generate-validators.ts from ${source}; not to be edited.\n${code}`
}

if (import.meta.main) {
  writeFileSync(generatedFile, generateValidators())
  writeFileSync(generatedPluginFile, generatePluginValidators())
}

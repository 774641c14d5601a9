/**
 * Writes runtime/images/schemas.generated.ts: the JSON schemas of runtime/images/schemas/ as plain functions.
 *
 *     sh scripts/node.sh scripts/generate-validators.ts
 *
 * Compiling schemas at start costs some 84 ms, the generated functions 1 ms; what they need is in the file itself. A unit test
 * compares the file with what this script makes.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import standaloneCode from 'ajv/dist/standalone/index.js'

const folder = fileURLToPath(new URL('../runtime/images/', import.meta.url))
export const generatedFile: string = join(folder, 'schemas.generated.ts')

/** The file's text. @throws when a schema uses what would need ajv at run time */
export function generateValidators(): string {
  const ajv = new Ajv({ code: { source: true, esm: true, lines: true }, allowUnionTypes: true, strict: true })
  const names = readdirSync(join(folder, 'schemas')).toSorted()
  const exported: Record<string, string> = {}
  for (const file of names) {
    const id = file.replace(/\.json$/, '')
    ajv.addSchema(JSON.parse(readFileSync(join(folder, 'schemas', file), 'utf8')) as object)
    exported[id.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())] = id
  }
  const code = standaloneCode.default(ajv, exported)
  if (/\brequire\(|^import /m.test(code)) throw new Error('a schema uses a keyword that needs ajv at run time')
  return '// @ts-nocheck\n// Made by scripts/generate-validators.ts from runtime/images/schemas/*.json; not to be edited.\n' + code
}

if (import.meta.main) writeFileSync(generatedFile, generateValidators())

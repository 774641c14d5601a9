/** The part of Go's templates that scripts use with `--format`: text, `{{.Field.Sub}}`, `{{json .Field}}`, and the word `json`. */
import { TsnetError } from '../../errors/error.ts'

/** @throws invalid-argument */
export function formatTemplate(template: string, value: unknown): string {
  if (template === 'json') return JSON.stringify(value)
  return template.replaceAll('\\t', '\t').replaceAll('\\n', '\n').replaceAll(/\{\{(.*?)\}\}/g, (whole, action: string) => {
    const match = /^\s*(json\s+)?\.([\w./-]*)\s*$/.exec(action)
    const index = /^\s*(json\s+)?\(?index\s+\.([\w./-]+)\s+"([^"]*)"\)?\s*$/.exec(action)
    if (match === null && index === null) {
      throw new TsnetError('invalid-argument', `--format: "${whole}" is not understood; there are {{.Field.Sub}}, {{json .Field}} and {{index .Field "key"}}`)
    }
    const [, json, path = ''] = match ?? index ?? []
    const keys = [...path.split('.').filter(key => key !== ''), ...index === null ? [] : [index[3] ?? '']]
    const found = keys.reduce<unknown>((from, key) => fieldOf(from, key, template), value)
    return json === undefined && typeof found === 'string' ? found : JSON.stringify(found)
  })
}

function fieldOf(from: unknown, key: string, template: string): unknown {
  if (typeof from === 'object' && from !== null && Object.hasOwn(from, key)) return (from as Readonly<Record<string, unknown>>)[key]
  throw new TsnetError('invalid-argument', `--format "${template}": there is no field "${key}"`)
}

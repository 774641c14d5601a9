/**
 * The part of Go's templates that scripts use with `--format`: text, `{{.Field.Sub}}`, `{{json .Field}}`, `{{index .Field "key"}}`,
 * `{{range .Field}}…{{end}}`, `{{if .Field}}…{{else}}…{{end}}`, and the word `json`.
 */
import { TsnetError } from '../../errors/error.ts'

type Node = string | { readonly action: string } | Block
interface Block { readonly verb: 'range' | 'if', readonly of: string, readonly body: readonly Node[], readonly otherwise: readonly Node[] }

const known = 'there are {{.Field.Sub}}, {{json .Field}}, {{index .Field "key"}}, {{range .Field}}…{{end}} and {{if .Field}}…{{end}}'

/** @throws invalid-argument */
export function formatTemplate(template: string, value: unknown): string {
  if (template === 'json') return JSON.stringify(value)
  return new Template(template).format(value)
}

/** A template that was understood, whatever its values are. */
export class Template {
  readonly #source: string
  readonly #nodes: readonly Node[]

  /** @throws invalid-argument */
  constructor(source: string) {
    this.#source = source
    const parts = source.replaceAll('\\t', '\t').replaceAll('\\n', '\n').split(/(\{\{[^]*?\}\})/)
    if (parts.some((part, index) => index % 2 === 0 && part.includes('{{'))) throw this.#invalid('a "{{" is not closed')
    const rest = [...parts]
    this.#nodes = this.#parse(rest)
    if (rest.length > 0) throw this.#invalid(`${rest[0]} has no beginning`)
  }

  /** @throws invalid-argument where there is no such field */
  format(value: unknown): string {
    return this.#write(this.#nodes, value)
  }

  /** The same template with titles for values. */
  titles(titleOf: (field: string) => string): string {
    const write = (nodes: readonly Node[]): string => nodes.map(node => typeof node === 'string' ? node
      : 'action' in node ? titleOf(/\.(\w+)/.exec(node.action)?.[1] ?? '') : write(node.body)).join('')
    return write(this.#nodes)
  }

  /** Takes from `parts` up to the end, or to an `else` or `end`, which stays. */
  #parse(parts: string[]): readonly Node[] {
    const nodes: Node[] = []
    for (;;) {
      const [part] = parts
      if (part === undefined || /^\{\{\s*(?:end|else)\s*\}\}$/.test(part)) return nodes
      parts.shift()
      const [, verb, of = ''] = /^\{\{\s*(range|if)\s+(.*?)\s*\}\}$/.exec(part) ?? []
      if (verb === 'range' || verb === 'if') nodes.push(this.#block(verb, of, parts))
      else if (part.startsWith('{{')) nodes.push({ action: part })
      else if (part !== '') nodes.push(part)
    }
  }

  #block(verb: Block['verb'], of: string, parts: string[]): Block {
    const body = this.#parse(parts)
    const hasElse = parts[0]?.includes('else') === true
    if (hasElse) parts.shift()
    const otherwise = hasElse ? this.#parse(parts) : []
    if (parts.shift()?.includes('end') !== true) throw this.#invalid(`{{${verb} ${of}}} has no {{end}}`)
    return { verb, of, body, otherwise }
  }

  #write(nodes: readonly Node[], value: unknown): string {
    return nodes.map(node => {
      if (typeof node === 'string') return node
      if ('action' in node) return this.#evaluate(node.action.slice(2, -2), node.action, value)
      const found = this.#find(node.of, `{{${node.verb} ${node.of}}}`, value)
      const items = node.verb === 'if' ? isTrue(found) ? [value] : [] : typeof found === 'object' && found !== null ? Object.values(found) : []
      return items.length > 0 ? items.map(item => this.#write(node.body, item)).join('') : this.#write(node.otherwise, value)
    }).join('')
  }

  #evaluate(action: string, whole: string, value: unknown): string {
    const [, json, expression = ''] = /^\s*(json\s+)?(.*?)\s*$/.exec(action) ?? []
    const found = this.#find(expression, whole, value)
    return json === undefined && typeof found === 'string' ? found : JSON.stringify(found)
  }

  #find(expression: string, whole: string, value: unknown): unknown {
    const [, plain] = /^\.([\w./-]*)$/.exec(expression) ?? []
    const [, indexed = '', index] = /^\(?index\s+\.([\w./-]+)\s+"([^"]*)"\)?$/.exec(expression) ?? []
    if (plain === undefined && index === undefined) throw new TsnetError('invalid-argument', `--format: "${whole}" is not understood; ${known}`)
    const keys = [...(plain ?? indexed).split('.').filter(key => key !== ''), ...index === undefined ? [] : [index]]
    return keys.reduce<unknown>((from, key) => {
      if (typeof from === 'object' && from !== null && Object.hasOwn(from, key)) return (from as Readonly<Record<string, unknown>>)[key]
      throw this.#invalid(`there is no field "${key}"`)
    }, value)
  }

  #invalid(reason: string): TsnetError {
    return new TsnetError('invalid-argument', `--format "${this.#source}": ${reason}`)
  }
}

/** As Go sees it: not empty. */
function isTrue(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
}

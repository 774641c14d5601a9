/**
 * The part of Go's templates that scripts use with `--format`: text, `{{.Field.Sub}}`, functions (`{{json .Field}}`, `{{index .Field "key"}}`),
 * `{{range .Field}}…{{end}}`, `{{if .Field}}…{{else}}…{{end}}`, `{{with .Field}}…{{end}}`, and the word `json`.
 */
import { TsnetError } from '../../errors/error.ts'
import { evaluate, type Scope } from './template-expression.ts'
import { isTrue, templateFunctions, textOf } from './template-functions.ts'

type Node = string | { readonly action: string } | Block
interface Block { readonly verb: 'range' | 'if' | 'with', readonly of: string, readonly body: readonly Node[], readonly otherwise: readonly Node[] }

const known = 'there are {{.Field.Sub}}, {{index .Field "key"}}, {{range .Field}}…{{end}}, {{if .Field}}…{{end}}, {{with .Field}}…{{end}} and the functions '
  + Object.keys(templateFunctions).join(', ')

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
    return this.#write(this.#nodes, { dot: value, variables: { $: value } })
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
      const [, verb, of = ''] = /^\{\{\s*(range|if|with)\s+(.*?)\s*\}\}$/.exec(part) ?? []
      if (verb === 'range' || verb === 'if' || verb === 'with') nodes.push(this.#block(verb, of, parts))
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

  #write(nodes: readonly Node[], scope: Scope): string {
    return nodes.map(node => {
      if (typeof node === 'string') return node
      if ('action' in node) return this.#evaluate(node.action.slice(2, -2), node.action, scope)
      const scopes = this.#scopes(node, scope)
      return scopes.length > 0 ? scopes.map(one => this.#write(node.body, one)).join('') : this.#write(node.otherwise, scope)
    }).join('')
  }

  /** In which the body of a block is written, each in turn; none: what stands behind its `else` is. */
  #scopes({ verb, of }: Block, scope: Scope): readonly Scope[] {
    const [, first, second, expression = ''] = /^(?:(\$\w+)\s*(?:,\s*(\$\w+)\s*)?:=)?([^]*)$/.exec(of) ?? []
    const found = this.#find(verb === 'range' ? expression : of, `{{${verb} ${of}}}`, scope)
    if (verb === 'if') return isTrue(found) ? [scope] : []
    if (verb === 'with') return isTrue(found) ? [{ ...scope, dot: found }] : []
    const entries = typeof found === 'object' && found !== null ? Object.entries(found) : []
    // As in Go: a single name is the element's, of two the first is the key's.
    return entries.map(([key, item]) => ({ dot: item, variables: {
      ...scope.variables, ...first === undefined ? {} : second === undefined ? { [first]: item } : { [first]: key, [second]: item },
    } }))
  }

  #evaluate(action: string, whole: string, scope: Scope): string {
    return textOf(this.#find(action, whole, scope))
  }

  #find(expression: string, whole: string, scope: Scope): unknown {
    return evaluate(expression.trim(), scope, {
      notUnderstood: () => new TsnetError('invalid-argument', `--format: "${whole}" is not understood; ${known}`),
      missing: field => this.#invalid(`there is no field "${field}"`),
    })
  }

  #invalid(reason: string): TsnetError {
    return new TsnetError('invalid-argument', `--format "${this.#source}": ${reason}`)
  }
}

/**
 * What stands between `{{` and `}}` of a template: `.Field.Sub`, `$name.Sub`, `"text"`, `0`, `true`, functions (template-functions.ts), one behind the
 * other with `|`, and parentheses, behind which a field may stand: `(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort`. Pure.
 */
import { isFunction, templateFunctions } from './template-functions.ts'

/** Sentences for what goes wrong, made by the caller, who knows the template. */
export interface Failures {
  notUnderstood(): Error
  missing(field: string): Error
}

/** `dot`: what `.` means; `variables`: those with a name, `$` being all there is. */
export interface Scope { readonly dot: unknown, readonly variables: Readonly<Record<string, unknown>> }

/** @throws what `fail` makes */
export function evaluate(expression: string, scope: Scope, fail: Failures): unknown {
  const tokens = expression.match(/\s+|[()|]|"[^"]*"|\$\w*(?:\.[\w./-]*)?|\.[\w./-]*|\d+(?![\w.])|[a-z]+(?!\w)/g) ?? []
  if (tokens.join('') !== expression) throw fail.notUnderstood()
  const reader = new Reader(tokens.filter(token => token.trim() !== ''), scope, fail)
  return reader.whole()
}

class Reader {
  readonly #tokens: string[]
  readonly #scope: Scope
  readonly #fail: Failures

  constructor(tokens: readonly string[], scope: Scope, fail: Failures) {
    this.#tokens = [...tokens]
    this.#scope = scope
    this.#fail = fail
  }

  whole(): unknown {
    const found = this.#pipeline()
    if (this.#tokens.length > 0) throw this.#fail.notUnderstood()
    return found
  }

  /** What stands behind `|` is given, as its last, what stands before it. */
  #pipeline(): unknown {
    let found = this.#call([])
    while (this.#tokens[0] === '|') {
      this.#tokens.shift()
      found = this.#call([found])
    }
    return found
  }

  /** A function and what it is given, or a term alone. */
  #call(piped: readonly unknown[]): unknown {
    const [first = ''] = this.#tokens
    if (!/^[a-z]/.test(first) || isLiteral(first)) {
      if (piped.length > 0) throw this.#fail.notUnderstood()
      return this.#term()
    }
    this.#tokens.shift()
    const given: unknown[] = []
    while (this.#tokens.length > 0 && this.#tokens[0] !== ')' && this.#tokens[0] !== '|') given.push(this.#term())
    return this.#apply(first, [...given, ...piped])
  }

  #apply(name: string, given: readonly unknown[]): unknown {
    const [of, ...keys] = given
    if (name === 'index' && keys.length > 0) return keys.reduce<unknown>((from, key) => this.#field(from, String(key)), of)
    if (!isFunction(name)) throw this.#fail.notUnderstood()
    const { least, most, apply } = templateFunctions[name]
    if (given.length < least || given.length > most) throw this.#fail.notUnderstood()
    return apply(...given)
  }

  #term(): unknown {
    const token = this.#tokens.shift() ?? ''
    if (token.startsWith('.')) return this.#path(token, this.#scope.dot)
    if (token.startsWith('$')) return this.#variable(token)
    if (token.startsWith('"')) return token.slice(1, -1)
    if (/^\d/.test(token)) return Number(token)
    if (isLiteral(token)) return token === 'true'
    if (token !== '(') throw this.#fail.notUnderstood()
    const found = this.#pipeline()
    if (this.#tokens.shift() !== ')') throw this.#fail.notUnderstood()
    const [next = ''] = this.#tokens
    return next.startsWith('.') ? this.#path(this.#tokens.shift() ?? '', found) : found
  }

  #variable(token: string): unknown {
    const name = token.replace(/\..*$/, '')
    if (!Object.hasOwn(this.#scope.variables, name)) throw this.#fail.notUnderstood()
    return this.#path(token.slice(name.length), this.#scope.variables[name])
  }

  #path(path: string, from: unknown): unknown {
    return path.split('.').filter(key => key !== '').reduce<unknown>((found, key) => this.#field(found, key), from)
  }

  #field(from: unknown, key: string): unknown {
    if (typeof from === 'object' && from !== null && Object.hasOwn(from, key)) return (from as Readonly<Record<string, unknown>>)[key]
    throw this.#fail.missing(key)
  }
}

function isLiteral(token: string): boolean {
  return token === 'true' || token === 'false'
}

/** The functions of templates: those of Go and of Docker that scripts use. What is empty, 0 or false is no. Pure. */
interface TemplateFunction { readonly least: number, readonly most: number, readonly apply: (...given: readonly unknown[]) => unknown }

const one = (apply: (of: unknown) => unknown): TemplateFunction => ({ least: 1, most: 1, apply })
const two = (apply: (a: unknown, b: unknown) => unknown): TemplateFunction => ({ least: 2, most: 2, apply })
const many = (least: number, apply: (...given: readonly unknown[]) => unknown): TemplateFunction => ({ least, most: Number.POSITIVE_INFINITY, apply })

export const templateFunctions = {
  json: one(of => JSON.stringify(of)),
  len: one(of => typeof of === 'string' ? of.length : typeof of === 'object' && of !== null ? Object.keys(of).length : 0),
  // As in Go, the first is compared with all others.
  eq: many(2, (of, ...others) => others.some(other => isSame(of, other))),
  ne: two((a, b) => !isSame(a, b)),
  // As in Go, the first that decides, or the last.
  and: many(1, (...given) => [...given.filter(value => !isTrue(value)), given.at(-1)][0]),
  or: many(1, (...given) => [...given.filter(value => isTrue(value)), given.at(-1)][0]),
  not: one(of => !isTrue(of)),
  join: two((list, between) => listOf(list).map(item => textOf(item)).join(textOf(between))),
  split: two((text, at) => textOf(text).split(textOf(at))),
  lower: one(of => textOf(of).toLowerCase()),
  upper: one(of => textOf(of).toUpperCase()),
  printf: many(1, (pattern, ...given) => printed(textOf(pattern), given)),
  println: many(0, (...given) => `${given.map(value => textOf(value)).join(' ')}\n`),
} satisfies Readonly<Record<string, TemplateFunction>>

export function isFunction(name: string): name is keyof typeof templateFunctions {
  return Object.hasOwn(templateFunctions, name)
}

/** As Go sees it: not empty. */
export function isTrue(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
}

/** How a value is written. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** `%s`, `%v`, `%d` and `%q`, as wide as asked for, as in `%-20s`; `%%`. */
function printed(pattern: string, given: readonly unknown[]): string {
  const left = [...given]
  return pattern.replaceAll(/%(-?)(\d*)([svdq%])/g, (_, isLeft: string, width: string, verb: string) => {
    if (verb === '%') return '%'
    const text = textOf(left.shift() ?? '')
    const written = verb === 'q' ? JSON.stringify(text) : text
    return isLeft === '-' ? written.padEnd(Number(width)) : written.padStart(Number(width))
  })
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || textOf(a) === textOf(b)
}

function listOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

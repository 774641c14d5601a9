/** A program as a person reads it: one line a record, in the manner of strace, the step it belongs to behind `#`. */
import type { Argument, Program, ProgramRecord } from './program.ts'

export function explain(program: Program): string[] {
  const names = new Map<number, string[]>()
  for (const [label, index] of program.labels) names.set(index, [...names.get(index) ?? [], label.name])
  const lines = program.records.flatMap((record, index) => [...labelLines(names.get(index)), `  ${describe(record)}`])
  return [...lines, ...labelLines(names.get(program.records.length))]
}

function labelLines(names: readonly string[] = []): string[] { return names.map(name => `${name}:`) }

function describe({ step, call, args, store, jump, ignoreErrors }: ProgramRecord): string {
  const text = call === 'compute' ? describeComputation(args) : `${call}(${args.map(describeArgument).join(', ')})`
  const stored = store === undefined ? '' : ` = ${store.name}`
  const jumped = jump === undefined ? '' : ` → ${jump.to.name}${jump.on.length === 3 ? '' : ` if ${jump.on.join(' or ')}`}`
  const ignored = ignoreErrors === true && call !== 'compute' ? ' (errors ignored)' : ''
  return `${text}${stored}${jumped}${ignored}  # ${step}`
}

function describeComputation([cell = 0, mask = 0, subtract = 0]: readonly Argument[]): string {
  const source = typeof cell === 'object' && cell.kind === 'address' ? cell.cell.name : describeArgument(cell)
  const masked = mask === 0xffff_ffff_ffff_ffffn ? source : mask === 0n ? '0' : `${source} & ${describeArgument(mask)}`
  return subtract === 0 ? masked : `${masked} - ${describeArgument(subtract)}`
}

function describeArgument(argument: Argument): string {
  if (typeof argument === 'number') return String(argument)
  if (typeof argument === 'bigint') return `0x${BigInt.asUintN(64, argument).toString(16)}`
  switch (argument.kind) {
    case 'constant':
    case 'data': return argument.text
    case 'cell': return argument.name
    case 'address': return `&${argument.cell.name}`
  }
}

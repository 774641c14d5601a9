/** Signals as users write them: `SIGTERM`, `term`, `15`, `RTMIN+3`. */
import { constants } from 'node:os'
import { TsnetError } from '../../errors/error.ts'

const SIGRTMIN = 34
const SIGRTMAX = 64
const names: Readonly<Record<string, number>> = constants.signals

/** The number of a signal. @throws invalid-argument */
export function parseSignal(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  const number = /^\d+$/.test(name) ? Number(name) : realtime === null ? names[`SIG${name}`] : realtimeSignal(realtime)
  if (number === undefined || number < 1 || number > SIGRTMAX) {
    throw new TsnetError('invalid-argument', `read signal "${text}": there is no such signal`)
  }
  return number
}

function realtimeSignal([, base, sign, distance = '0']: RegExpExecArray): number {
  const offset = sign === '-' ? -Number(distance) : Number(distance)
  const number = (base === 'MIN' ? SIGRTMIN : SIGRTMAX) + offset
  return number >= SIGRTMIN ? number : 0
}

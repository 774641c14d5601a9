import test from 'ava'
import { requirePrivileges } from '../../../engine/privileges.ts'

const status = (effective: string): string => `Name:\tnode\nCapInh:\t0000000000000000\nCapEff:\t${effective}\nCapBnd:\t000001ffffffffff\n`

test('with all capabilities, or just the two that are needed, nothing is said', t => {
  t.notThrows(() => requirePrivileges(status('000001ffffffffff')))
  t.notThrows(() => requirePrivileges(status('0000000000201000')))
})

for (const [effective, missing] of [
  ['00000000a80425fb', 'CAP_NET_ADMIN and CAP_SYS_ADMIN'],
  ['00000000a80435fb', 'CAP_SYS_ADMIN'],
  ['0000000000200000', 'CAP_NET_ADMIN'],
] as const) {
  test(`without ${missing}, they are named`, t => {
    t.throws(() => requirePrivileges(status(effective)), { code: 'permission-denied', message: new RegExp(`without ${missing}: `) })
  })
}

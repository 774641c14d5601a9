import test from 'ava'
import { buildEnvironment, defaultPath, withHome } from '../../../../runtime/spec/environment.ts'

test('the environment has PATH, HOSTNAME, the user\'s variables, then the image\'s', t => {
  t.deepEqual(buildEnvironment({ image: ['B=image', 'A=image'], user: ['A=user'], hostname: 'h', tty: false }),
    [defaultPath, 'HOSTNAME=h', 'A=user', 'B=image'])
})

test('PATH of the image takes the place of the default one', t => {
  t.deepEqual(buildEnvironment({ image: ['PATH=/x'], user: [], hostname: 'h', tty: false }), ['PATH=/x', 'HOSTNAME=h'])
})

test('TERM is set with a terminal only, and the user may set another', t => {
  t.deepEqual(buildEnvironment({ image: [], user: [], hostname: 'h', tty: true }), [defaultPath, 'HOSTNAME=h', 'TERM=xterm'])
  t.deepEqual(buildEnvironment({ image: [], user: ['TERM=vt100'], hostname: 'h', tty: true }),
    [defaultPath, 'HOSTNAME=h', 'TERM=vt100'])
})

test('HOME comes from the passwd entry where it is missing or empty', t => {
  t.deepEqual(withHome(['A=1'], '/root'), ['A=1', 'HOME=/root'])
  t.deepEqual(withHome(['HOME=', 'A=1'], ''), ['A=1', 'HOME=/'])
  t.deepEqual(withHome(['HOME=/me'], '/root'), ['HOME=/me'])
})

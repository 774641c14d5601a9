import { constants } from 'node:os'
import test from 'ava'
import { errnoNumber, errnoOf } from '../../../kernel/errno.ts'
import { isErrno, kernelError } from '../../../kernel/error.ts'
import { isTsnetError } from '../../../errors/error.ts'

test('every errno that Node knows is in the table under the same name', t => {
  const sameNumber = new Map([['EWOULDBLOCK', 'EAGAIN'], ['ENOTSUP', 'EOPNOTSUPP'], ['EDEADLOCK', 'EDEADLK']])
  for (const [name, number] of Object.entries(constants.errno)) t.is(errnoOf(number).name, sameNumber.get(name) ?? name)
})

test('an unknown errno is named by its number', t => {
  t.deepEqual(errnoOf(9999), { number: 9999, name: 'E9999', text: 'unknown error 9999' })
})

test('a name leads back to its number', t => {
  t.is(errnoNumber('EXFULL'), 54)
  t.is(errnoNumber('ENOTSUPP'), 524)
})

test('a kernel error says call, subject, reason and errno', t => {
  const plain = kernelError('mount', 16, { detail: '/run/x' })
  t.is(plain.message, 'mount /run/x: Device or resource busy (EBUSY)')
  t.true(isTsnetError(plain, 'kernel-error'))
  t.deepEqual(plain.data, { call: 'mount', errno: 'EBUSY' })
})

test('the kernel\'s own text takes the place of errno\'s', t => {
  const error = kernelError('RTM_NEWLINK', 16, { detail: 'v0', extAck: 'Device is already a bridge port' })
  t.is(error.message, 'RTM_NEWLINK v0: Device is already a bridge port (EBUSY)')
  t.is(error.data['extAck'], 'Device is already a bridge port')
})

test('isErrno knows kernel errors and Node\'s, and nothing else', t => {
  t.true(isErrno(kernelError('bind', 98), 'EADDRINUSE'))
  t.true(isErrno(Object.assign(new Error('open'), { code: 'ENOENT' }), 'EEXIST', 'ENOENT'))
  t.false(isErrno(kernelError('bind', 98), 'ENOENT'))
  t.false(isErrno(new Error('EADDRINUSE'), 'EADDRINUSE'))
  t.false(isErrno(undefined, 'ENOENT'))
})

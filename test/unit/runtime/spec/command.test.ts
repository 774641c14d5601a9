import test from 'ava'
import { resolveCommand } from '../../../../runtime/spec/command.ts'

const image = { entrypoint: ['/entry'], command: ['serve'] }

test('without arguments the image\'s entrypoint and command are run', t => {
  t.deepEqual(resolveCommand(image, undefined, []), ['/entry', 'serve'])
})

test('arguments take the place of the image\'s command', t => {
  t.deepEqual(resolveCommand(image, undefined, ['a', 'b']), ['/entry', 'a', 'b'])
})

test('--entrypoint drops the image\'s command', t => {
  t.deepEqual(resolveCommand(image, '/bin/sh', []), ['/bin/sh'])
  t.deepEqual(resolveCommand(image, '/bin/sh', ['-c', 'x']), ['/bin/sh', '-c', 'x'])
})

test('an empty --entrypoint clears entrypoint and command', t => {
  t.deepEqual(resolveCommand(image, '', ['ls']), ['ls'])
  t.throws(() => resolveCommand(image, '', []), { code: 'invalid-argument', message: /no command specified/ })
})

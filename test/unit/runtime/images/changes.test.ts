/** `--change`: Dockerfile instructions become configuration. */
import test from 'ava'
import { applyChanges } from '../../../../runtime/images/changes.ts'

for (const [changes, config] of [
  [['CMD ["sh", "-c", "a b"]'], { Cmd: ['sh', '-c', 'a b'] }],
  [['CMD echo "a b"'], { Cmd: ['/bin/sh', '-c', 'echo "a b"'] }],
  [['cmd [sh]'], { Cmd: ['/bin/sh', '-c', '[sh]'] }],
  [['ENTRYPOINT ["/init"]', 'CMD []'], { Entrypoint: ['/init'], Cmd: [] }],
  [['ENV A=1 B="two words" C=a\\ b'], { Env: ['A=1', 'B=two words', 'C=a b'] }],
  [['ENV A=1', 'ENV A=2', 'ENV B the rest of it'], { Env: ['A=2', 'B=the rest of it'] }],
  [['EXPOSE 80 53/udp', 'EXPOSE 8000-8002'], { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {}, '8002/tcp': {} } }],
  [['LABEL a=1 "b c"=2'], { Labels: { a: '1', 'b c': '2' } }],
  [['USER guest:wheel'], { User: 'guest:wheel' }],
  [['VOLUME /a /b', 'VOLUME ["/c d"]'], { Volumes: { '/a': {}, '/b': {}, '/c d': {} } }],
  [['WORKDIR /a', 'WORKDIR b'], { WorkingDir: '/a/b' }],
  [['STOPSIGNAL SIGINT'], { StopSignal: 'SIGINT' }],
  [['ENV A=1\nUSER x\n\n'], { Env: ['A=1'], User: 'x' }],
] as const) {
  test(`${JSON.stringify(changes)} is applied`, t => t.deepEqual(applyChanges(changes), config as object))
}

for (const [bad, reason] of [
  ['RUN rm -rf /', /"RUN" is not one of CMD, ENTRYPOINT/], ['toString x', /not one of/], ['CMD', /needs a value/], ['ENV A', /has no value/],
  ['ENV A=1 B', /"B" is not NAME=VALUE/], ['EXPOSE http', /not PORT/], ['EXPOSE 0', /not PORT/], ['EXPOSE 70000', /not PORT/],
  ['EXPOSE 9-8', /not PORT/], ['USER a b', /not one word/], ['LABEL a="x', /quote is not closed/],
] as const) {
  test(`"${bad}" is refused`, t => {
    t.throws(() => applyChanges([bad]), { code: 'invalid-argument', message: reason })
  })
}

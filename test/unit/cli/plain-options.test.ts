/** Docker's spellings of options, and only where they are options of ours. */
import { Command } from 'commander'
import test from 'ava'
import { plainOptions } from '../../../cli/plain-options.ts'

const { options } = new Command().option('--rm', '').option('-i, --interactive', '').option('-t, --tty', '')
  .option('--name <name>', '').option('--no-ipv4', '').option('-p, --publish <port>', '')

for (const [given, plain] of [
  [['--rm=true', 'busybox'], ['--rm', 'busybox']],
  [['--rm=false', 'busybox'], ['busybox']],
  [['--rm=1', '--interactive=0', 'busybox'], ['--rm', 'busybox']],
  [['--name', 'a', '--rm=false', 'busybox'], ['--name', 'a', 'busybox']],
  [['--name', '--rm=false', 'busybox'], ['--name', '--rm=false', 'busybox']],
  [['--name=a', '--rm=false', 'busybox'], ['--name=a', 'busybox']],
  [['-itp', '--rm=false', 'busybox'], ['-itp', '--rm=false', 'busybox']],
  [['-p80:80', '--rm=false', 'busybox'], ['-p80:80', 'busybox']],
  [['-p=80:80', '-i=true', '-t=false', 'busybox'], ['-p', '80:80', '-i', 'busybox']],
  [['-itp=80:80', 'busybox'], ['-itp', '80:80', 'busybox']],
  [['-it=false', 'busybox'], ['-i', 'busybox']],
  [['--ipv4=false', '--rm', 'x'], ['--no-ipv4', '--rm', 'x']],
  [['--ipv4', '--ipv4=true', '--no-ipv4=false', 'x'], ['x']],
  [['--no-ipv4', 'x'], ['--no-ipv4', 'x']],
  [['-p=', 'busybox'], ['-p', '', 'busybox']],
  [['-pA=1', 'busybox'], ['-pA=1', 'busybox']],
  [['-x=1', 'busybox'], ['-x=1', 'busybox']],
  [['busybox', '--rm=false'], ['busybox', '--rm=false']],
  [['--', '--rm=false'], ['--', '--rm=false']],
  [['--name=true', 'busybox'], ['--name=true', 'busybox']],
] as const) {
  test(`${given.join(' ')} is ${plain.join(' ')}`, t => {
    t.deepEqual<unknown, unknown>(plainOptions(given, options, true), plain)
  })
}

test('where no command follows, options may come after the arguments', t => {
  t.deepEqual(plainOptions(['blue', '--rm=true', '--', '--rm=true'], options, false), ['blue', '--rm', '--', '--rm=true'])
})

for (const [arg, flag] of [['--rm=yes', '--rm'], ['-it=maybe', '-it'], ['--ipv4=', '--ipv4'], ['--no-ipv4=no', '--no-ipv4']] as const) {
  test(`${arg} is refused, as it is neither true nor false`, t => {
    const error = t.throws(() => plainOptions([arg, 'busybox'], options, true), { code: 'invalid-argument' })
    t.true(error?.message.startsWith(`${flag} "`), error?.message)
  })
}

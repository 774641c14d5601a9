import test from 'ava'
import type { OciSeccomp } from '../../../../runtime/oci-spec.ts'
import { defaultCapabilities } from '../../../../runtime/spec/capabilities.ts'
import { alwaysAllowed } from '../../../../runtime/spec/seccomp-default.ts'
import { defaultSeccomp } from '../../../../runtime/spec/seccomp.ts'

const rulesOf = (policy: OciSeccomp, name: string) => policy.syscalls.filter(rule => rule.names.includes(name))
const policy = defaultSeccomp(defaultCapabilities, 'x64')

test('no name is allowed twice', t => {
  t.is(new Set(alwaysAllowed).size, alwaysAllowed.length)
  t.is(alwaysAllowed.length, 364)
})

test('what is not named fails with EPERM', t => {
  t.is(policy.defaultAction, 'SCMP_ACT_ERRNO')
  t.is(policy.defaultErrnoRet, 1)
  for (const name of ['mount', 'setns', 'unshare', 'bpf', 'keyctl', 'io_uring_setup', 'kexec_load', 'pivot_root', 'reboot']) {
    t.deepEqual(rulesOf(policy, name), [], name)
  }
})

test('clone may not make namespaces and clone3 is told to be absent', t => {
  t.deepEqual(rulesOf(policy, 'clone').map(rule => rule.args),
    [[{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }]])
  t.deepEqual(rulesOf(policy, 'clone3'), [{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }])
})

test('CAP_SYS_ADMIN allows mount, clone and clone3 without condition', t => {
  const admin = defaultSeccomp(['CAP_SYS_ADMIN'], 'x64')
  for (const name of ['mount', 'clone', 'clone3', 'setns']) {
    t.deepEqual(rulesOf(admin, name).map(rule => [rule.action, rule.args]), [['SCMP_ACT_ALLOW', undefined]], name)
  }
})

test('sockets of AF_ALG and AF_VSOCK are refused, those of AF_INET and AF_PACKET allowed', t => {
  const allows = (family: number) => rulesOf(policy, 'socket').some(rule => rule.args?.every(arg =>
    arg.op === 'SCMP_CMP_LT' ? family < arg.value : family === arg.value))
  for (const family of [1, 2, 10, 16, 17, 44, 45]) t.true(allows(family), String(family))
  for (const family of [12, 38, 40, 46]) t.false(allows(family), String(family))
})

test('no rule compares an argument twice, which OCI runtimes take as alternatives', t => {
  for (const { args = [] } of policy.syscalls) t.is(new Set(args.map(arg => arg.index)).size, args.length)
})

test('conditional groups follow the capability and the architecture', t => {
  t.is(rulesOf(policy, 'chroot').length, 1)
  t.is(rulesOf(defaultSeccomp([], 'x64'), 'chroot').length, 0)
  t.is(rulesOf(policy, 'arch_prctl').length, 1)
  t.is(rulesOf(defaultSeccomp([], 'arm64'), 'arch_prctl').length, 0)
  t.is(rulesOf(defaultSeccomp([], 'arm64'), 'cacheflush').length, 1)
})

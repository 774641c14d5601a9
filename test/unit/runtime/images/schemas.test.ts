/** The generated validators are those of the schemas, and judge as they should. */
import { readFileSync } from 'node:fs'
import test from 'ava'
import { parseImageJson } from '../../../../runtime/images/image-json.ts'
import { parseImageConfig } from '../../../../runtime/images/image-config.ts'
import { generateValidators, generatedFile } from '../../../../scripts/generate-validators.ts'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

test('the generated file is what the script makes of the schemas', t => {
  t.is(readFileSync(generatedFile, 'utf8'), generateValidators(), 'run: sh scripts/node.sh scripts/generate-validators.ts')
})

test('the generated file needs nothing at run time', t => {
  t.notRegex(readFileSync(generatedFile, 'utf8'), /require\(|^import |\bfrom '/m)
})

const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }

test('optional fields may be null', t => {
  const nulls = Object.fromEntries(['User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal']
    .map(name => [name, null]))
  const parsed = parseImageConfig(json({ ...config, created: null, variant: null, config: nulls, history: null }), 'c.json')
  t.deepEqual(parsed.defaults, {
    entrypoint: [], command: [], env: [], workdir: '/', user: '', exposedPorts: [], volumes: [], labels: {}, stopSignal: '',
  })
  t.is(parsed.created, '1970-01-01T00:00:00.000Z')
})

test('what an image says of its containers is read', t => {
  const parsed = parseImageConfig(json({ ...config, created: '2024-01-02T03:04:05.6789Z', config: {
    User: 'u', ExposedPorts: { '80': {}, '53/udp': {} }, Env: ['A=1'], Entrypoint: ['/e'], Cmd: ['c'], Volumes: { '/v/../w//x': {}, '/w/x': {} },
    WorkingDir: 'a/./b', Labels: { l: '1' }, StopSignal: 'SIGINT', Healthcheck: { Test: ['NONE'] },
  } }), 'c.json')
  t.deepEqual(parsed.defaults, {
    entrypoint: ['/e'], command: ['c'], env: ['A=1'], workdir: '/a/b', user: 'u', exposedPorts: ['80/tcp', '53/udp'], volumes: ['/w/x'],
    labels: { l: '1' }, stopSignal: 'SIGINT',
  })
})

test('an image of another system is unsupported, not invalid', t => {
  t.throws(() => parseImageConfig(json({ ...config, os: 'windows' }), 'c.json'), { code: 'platform-unsupported', message: /windows/ })
})

for (const [kind, value, reason] of [
  ['imageConfig', { ...config, rootfs: { type: 'layers', diff_ids: ['sha256:12'] } }, /c\.json: \/rootfs\/diff_ids\/0 must match pattern/],
  ['imageConfig', { ...config, config: { Env: 'A=1' } }, /\/config\/Env must be array,null/],
  ['imageConfig', { ...config, config: { Cmd: ['a\u0000b'] } }, /\/config\/Cmd\/0 must match pattern/],
  ['imageConfig', [], /c\.json: \/ must be object/],
  ['ociIndex', { schemaVersion: 1, manifests: [] }, /\/schemaVersion/],
  ['ociIndex', { schemaVersion: 2, manifests: [{ mediaType: 'x', digest: '../../etc/passwd', size: 1 }] }, /\/manifests\/0\/digest/],
  ['ociManifest', { schemaVersion: 2, layers: [] }, /must have required property 'config'/],
  ['dockerArchiveManifest', {}, /must be array/],
  ['dockerArchiveManifest', [{ Config: 1, Layers: [] }], /\/0\/Config must be string/],
] as const) {
  test(`${kind} ${JSON.stringify(value)} is refused with its place`, t => {
    t.throws(() => parseImageJson(kind, json(value), 'c.json'), { code: 'invalid-image', message: reason })
  })
}

test('what is not JSON is refused', t => {
  t.throws(() => parseImageJson('ociIndex', Buffer.from('{'), 'index.json'), { code: 'invalid-image', message: /^index\.json: is not JSON/ })
})

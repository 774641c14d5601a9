/**
 * Masked and read-only paths. A path that does not exist is passed over; any other error is a failure, so that a mask is never
 * silently missing.
 */
import type { Cell, Label } from '../program.ts'
import { createFilesystem } from './filesystem.ts'
import { parseMountOptions } from './mount-options.ts'
import { attach, cloneMount, inRootArguments, type InRoot, setAttributes } from './resolve.ts'

const ENOENT = 2
const ENOTDIR = 20

/** A file is covered by the null device, a directory by an empty read-only tmpfs. */
export function maskPath(place: InRoot, path: string, nullDevice: Cell): void {
  const { program } = place
  const fd = program.cell(`fd of ${path}`)
  const step = `mask ${path}`
  const [notDirectory, done] = [program.label(`${path} is no directory`), program.label(`masked ${path}`)]
  program.call(step, 'openat2', inRootArguments(place, path, ['O_PATH', 'O_DIRECTORY']), {
    store: fd, jump: { on: ['negative'], to: notDirectory },
  })
  const tmpfs = createFilesystem(program, { type: 'tmpfs', source: 'tmpfs' }, parseMountOptions('tmpfs', ['ro']))
  attachAndClose(place, step, { mount: tmpfs, fd })
  program.jump(done)
  program.place(notDirectory)
  openUnlessMissing(place, path, { fd, done, step })
  attachAndClose(place, step, { mount: cloneMount(program, step, nullDevice, false), fd })
  program.place(done)
}

export function makePathReadOnly(place: InRoot, path: string): void {
  const { program } = place
  const fd = program.cell(`fd of ${path}`)
  const step = `make ${path} read-only`
  const done = program.label(`${path} is read-only`)
  openUnlessMissing(place, path, { fd, done, step })
  const copy = cloneMount(program, step, fd, true)
  setAttributes(program, step, copy, { set: ['MOUNT_ATTR_RDONLY'], recursive: true })
  attachAndClose(place, step, { mount: copy, fd })
  program.place(done)
}

function attachAndClose({ program }: InRoot, step: string, { mount, fd }: { readonly mount: Cell, readonly fd: Cell }): void {
  attach(program, step, mount, fd)
  for (const used of [mount, fd]) program.call(step, 'close', [used])
}

function openUnlessMissing(place: InRoot, path: string, { fd, done, step }: { fd: Cell, done: Label, step: string }): void {
  const { program } = place
  const opened = program.label(`opened ${path}`)
  program.call(step, 'openat2', inRootArguments(place, path, ['O_PATH']), {
    store: fd, jump: { on: ['positive'], to: opened }, ignoreErrors: true,
  })
  for (const errno of [ENOENT, ENOTDIR]) {
    program.compute(`${step}: is it missing?`, { cell: fd, subtract: -errno }, { jump: { on: ['zero'], to: done } })
  }
  program.fail(step, fd)
  program.place(opened)
}

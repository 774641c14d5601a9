/** Events of containers, in Docker's words and with its attributes. Pure. */
import type { EventRecord } from '../../cnm/events.ts'
import type { ContainerRecord, ContainerStatus } from '../types.ts'

export type ContainerAction = 'create' | 'start' | 'die' | 'destroy'

/** Labels are attributes, too. */
export function containerEvent(time: string, action: ContainerAction, { id, name, spec, exitCode }: ContainerRecord): EventRecord {
  const image = spec.image ?? spec.rootfs ?? ''
  return {
    type: 'container', action, actor: id, time,
    attributes: { ...spec.labels, image, name, ...action === 'die' ? { exitCode: String(exitCode) } : {} },
  }
}

/** What a change of the status means; undefined where it is no event. */
export function actionOf(before: ContainerStatus, after: ContainerStatus): ContainerAction | undefined {
  if (before === 'created' && after === 'running') return 'start'
  return before === 'running' && after !== 'running' ? 'die' : undefined
}

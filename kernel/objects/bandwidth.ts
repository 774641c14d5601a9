/** Limits of what leaves a link: a token bucket as its root. Twin: `tc qdisc replace dev ON root tbf rate … burst … limit …`. */
import { TsnetError } from '../../errors/error.ts'
import type { BandwidthObject } from '../../objects/object.ts'
import { isErrno } from '../error.ts'
import type { TokenBucket } from '../netlink/qdisc.ts'
import { type LinkKind, inside } from './kind.ts'

export const bandwidthKind: LinkKind<BandwidthObject> = {
  create(object, session) {
    if (bandwidthKind.exists(object, session)) return false
    try {
      session.rtnetlink(object.netns).setTokenBucket(object.on, bucketOf(object))
      return true
    } catch (error) {
      // A kernel without sch_tbf has no discipline of that name.
      if (!isErrno(error, 'ENOENT')) throw error
      throw new TsnetError('kernel-feature-missing', `limit the bandwidth of "${object.on}": this kernel has no token buckets (sch_tbf)`,
        { cause: error })
    }
  },

  remove({ on, netns }, session) {
    const rtnetlink = session.findRtnetlink(netns)
    const link = rtnetlink?.findIndex(on)
    if (rtnetlink === undefined || link === undefined || rtnetlink.rootQdisc(link, on)?.bucket === undefined) return
    try {
      rtnetlink.deleteRootQdisc(link, on)
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'ENODEV')) throw error
    }
  },

  exists(object, session) {
    const rtnetlink = session.findRtnetlink(object.netns)
    const link = rtnetlink?.findIndex(object.on)
    const bucket = link === undefined ? undefined : rtnetlink?.rootQdisc(link, object.on)?.bucket
    return bucket !== undefined && isSame(bucketOf(object), bucket)
  },

  describe(object) {
    const { burstBytes, limitBytes } = bucketOf(object)
    return [`${inside(object.netns)}tc qdisc replace dev ${object.on} root tbf rate ${object.bitsPerSecond}bit burst ${burstBytes} limit ${limitBytes}`]
  },
}

/** What does not go at once waits for at most a 20th of a second: long enough for TCP to fill the rate, too short to be felt. */
function bucketOf({ bitsPerSecond, burstBytes }: BandwidthObject): TokenBucket {
  const bytesPerSecond = Math.floor(bitsPerSecond / 8)
  return { bytesPerSecond, burstBytes, limitBytes: Math.min(Math.ceil(bytesPerSecond / 20) + burstBytes, 0xffff_ffff) }
}

/** The kernel keeps the size of the bucket as a time, and tells the lower 32 bits of its ticks. */
function isSame(wanted: TokenBucket, found: TokenBucket): boolean {
  const tick = wanted.bytesPerSecond * 128e-9 + 1
  const told = wanted.burstBytes % (wanted.bytesPerSecond * 64e-9 * 2 ** 32)
  return wanted.bytesPerSecond === found.bytesPerSecond && Math.abs(told - found.burstBytes) <= tick
}

/** Routes. Twin: `ip route add TO via VIA dev DEV`. */
import type { RouteObject } from '../../objects/object.ts'
import { isErrno } from '../error.ts'
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, type Route, type RouteSpec, canonicalDestination } from '../netlink/route.ts'
import { type LinkKind, inside } from './kind.ts'

export const routeKind: LinkKind<RouteObject> = {
  create(route, session) {
    const rtnetlink = session.rtnetlink(route.netns)
    try {
      rtnetlink.addRoute(specOf(route, rtnetlink.getIndex(route.dev)))
      return true
    } catch (error) {
      if (isErrno(error, 'EEXIST') && routeKind.exists(route, session)) return false
      throw error
    }
  },

  remove(route, session) {
    const rtnetlink = session.findRtnetlink(route.netns)
    const link = rtnetlink?.findIndex(route.dev)
    if (rtnetlink === undefined || link === undefined) return
    try {
      rtnetlink.deleteRoute(specOf(route, link))
    } catch (error) {
      if (!isErrno(error, 'ESRCH', 'ENOENT', 'ENODEV')) throw error
    }
  },

  exists(route, session) {
    const rtnetlink = session.findRtnetlink(route.netns)
    const link = rtnetlink?.findIndex(route.dev)
    if (rtnetlink === undefined || link === undefined) return false
    const wanted = specOf(route, link)
    return rtnetlink.routes(route.family, wanted.table).some(found => isSame(wanted, found))
  },

  describe(route) {
    const metric = route.metricAboveIfindex === undefined ? plainMetric(route)
      : ` metric $((${route.metricAboveIfindex} + $(${inside(route.netns)}ip -o link show dev ${route.dev} | cut -d: -f1)))`
    const words = [
      `${inside(route.netns)}ip${route.family === 6 ? ' -6' : ''} route ${route.first === true ? 'prepend' : 'add'}`, ...route.type === 'local' ? ['local'] : [], route.to,
      ...route.via === undefined ? [] : [`via ${route.via}`], `dev ${route.dev}`,
      ...route.table === 'local' ? ['table local'] : route.tableId === undefined ? [] : [`table ${route.tableId}`],
      ...route.scope === undefined ? [] : [`scope ${route.scope}`],
      ...(['mtu', 'advmss'] as const).flatMap(key => route[key] === undefined ? [] : [`${key} ${route[key]}`]),
    ]
    return [words.join(' ') + metric]
  },
}

function plainMetric({ metric }: RouteObject): string {
  return metric === undefined ? '' : ` metric ${metric}`
}

function specOf(route: RouteObject, link: number): RouteSpec {
  return {
    family: route.family,
    to: route.to,
    link,
    table: route.tableId ?? (route.table === 'local' ? RT_TABLE_LOCAL : RT_TABLE_MAIN),
    local: route.type === 'local',
    ...route.via === undefined ? {} : { via: route.via },
    ...route.metric === undefined ? {} : { metric: route.metric },
    ...route.metricAboveIfindex === undefined ? {} : { metric: route.metricAboveIfindex + link },
    ...route.first === undefined ? {} : { first: route.first },
    ...route.scope === undefined ? {} : { scope: route.scope },
    ...route.mtu === undefined ? {} : { mtu: route.mtu },
    ...route.advmss === undefined ? {} : { advmss: route.advmss },
  }
}

function isSame(wanted: RouteSpec, found: Route): boolean {
  return found.to === canonicalDestination(wanted.to) && found.link === wanted.link && found.via === wanted.via
    && found.table === wanted.table && (wanted.metric === undefined || found.metric === wanted.metric)
}

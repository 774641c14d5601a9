/**
 * Tells that routes of this namespace have changed, in either family; which ones, is for a dump to say. Twin: `ip monitor route`.
 *
 * Nothing is decoded here: what the kernel drops when too much comes at once is no loss, as one message more or less says the same.
 */
import { NETLINK_ROUTE, openNativeSocket } from './native-socket.ts'

/** Calls `changed` from the event loop, often several times for one change. Does not keep the process alive. */
export class RouteWatch implements Disposable {
  readonly #socket

  /** @param changed must not throw */
  constructor(changed: () => void) {
    this.#socket = openNativeSocket(NETLINK_ROUTE, { groups: RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE, wake: changed })
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}

const RTMGRP_IPV4_ROUTE = 0x40
const RTMGRP_IPV6_ROUTE = 0x400

/**
 * What is filtered on a bridge itself, before IP sees it: the same with either firewall backend, for both address families at once.
 *
 * Netfilter's rules for IP do not see what goes from one port of a bridge to another (unless bridge-nf-call-iptables is 1), never see ARP,
 * and cannot tell one port from the next. So these are of nf_tables' family `bridge`.
 */

/** The frame that the guards of ports stand in: made by the first network of ours, gone with the last. */
export interface GuardedBridgeObject { readonly kind: 'guarded-bridge', readonly bridge: string }

/** The guard of one port of a bridge, made before the port is there: so no frame gets past it. */
export interface PortGuardObject {
  readonly kind: 'port-guard'
  /** The host's end of the veth pair. */
  readonly port: string
  /**
   * What may come in by it: this MAC as the sender of frames, these addresses as the senders of packets, ARP and neighbour discovery;
   * absent: any address.
   */
  readonly sources?: { readonly mac: string, readonly addresses?: readonly string[] }
  /** The MAC of the bridge, the only one it may send to: members without icc. What goes to all reaches the host alone. */
  readonly onlyTo?: string
  /**
   * The port by which a further bridge of a network hangs on its first one, and so the only way that members without icc have from there:
   * what they send to the host, or to all, leaves by it alone.
   */
  readonly uplink?: boolean
  /** In hairpin mode, for frames that netfilter has redirected: what is for all does not go back by it. */
  readonly reflects?: boolean
}

export type BridgeFilterObject = GuardedBridgeObject | PortGuardObject

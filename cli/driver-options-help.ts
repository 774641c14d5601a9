/** The options of the bridge driver, as `network create --help` tells them; a test compares the names with the driver's. */

export const driverOptions: Readonly<Record<string, string>> = {
  'com.docker.network.bridge.name': 'name of the bridge on the host',
  'com.docker.network.driver.mtu': 'largest packet; without it, the default route\'s',
  'com.docker.network.container_iface_prefix': 'interfaces in containers, instead of eth',
  'com.docker.network.bridge.enable_icc': 'false: members do not reach each other',
  'com.docker.network.bridge.enable_ip_masquerade': 'false: the world sees the containers\' own addresses',
  'com.docker.network.bridge.host_binding_ipv4': 'where -p publishes without an address',
  'com.docker.network.bridge.gateway_mode_ipv4': 'nat, nat-unprotected, routed or isolated',
  'com.docker.network.bridge.gateway_mode_ipv6': 'the same for IPv6',
  'com.docker.network.bridge.trusted_host_interfaces': 'as in eth1:wg0; who comes in there may use containers\' own addresses',
  'com.docker.network.bridge.inhibit_ipv4': 'true: the bridge gets no IPv4 address',
  'com.docker.network.host_ipv4': 'address that the world sees, instead of the outgoing interface\'s',
  'com.docker.network.host_ipv6': 'the same for IPv6',
  'tsnet.anti_spoofing': 'false: containers may send with any address',
  'tsnet.publish_policy': 'the same as --publish-policy',
  'tsnet.ipv6_proxy': 'true, v1 or v2: published TCP ports over IPv6 for containers without it',
}

export function driverOptionsHelp(): string {
  return ['', 'Options of the driver, as -o NAME=VALUE:',
    ...Object.entries(driverOptions).flatMap(([name, meaning]) => [`  ${name}`, `      ${meaning}`])].join('\n')
}

/** An endpoint with all that one can have beside its addresses and routes: each is a call of its own that may fail. */
import type { EndpointSpec } from '../../../cnm/controller-api.ts'

export const richEndpoint: Omit<EndpointSpec, 'ports'> = {
  network: 'blue', name: 'web', gwPriority: 1, linkLocal: ['169.254.7.7', 'fe80::77'],
  options: {
    'tsnet.bandwidth.ingress': '10mbit', 'tsnet.bandwidth.egress': '5mbit',
    'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1',
  },
}

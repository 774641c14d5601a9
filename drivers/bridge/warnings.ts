/** What the user is told of an endpoint that is made all the same. Pure. */
import type { EndpointIntent, NetworkIntent } from '../../cnm/driver.ts'
import type { EndpointFacts } from '../../objects/facts.ts'
import { optionsOf } from './network-objects.ts'
import { publishWarnings } from './publish-objects.ts'

export function endpointWarnings(network: NetworkIntent, endpoint: EndpointIntent, facts: EndpointFacts): readonly string[] {
  return [...publishWarnings(network, endpoint, facts), ...dockerWarnings(network, facts)]
}

/** The default network was made before Docker came: a dockerd adopts the link, and hands out the same addresses. */
function dockerWarnings(network: NetworkIntent, facts: EndpointFacts): readonly string[] {
  if (network.name !== 'bridge' || optionsOf(network).bridgeName !== 'docker0' || facts.dockerInstalled !== true) return []
  return ['Docker was installed after this network was made, and would use docker0 and its addresses, too; once its containers are gone, '
    + '`tsnet network rm bridge` makes room, and the next one is tsnet0']
}

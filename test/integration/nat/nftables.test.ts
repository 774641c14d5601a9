import { NftablesFirewall } from '../../../nat/nftables/firewall.ts'
import { describeFirewall } from './describe-firewall.ts'

describeFirewall(() => new NftablesFirewall())

import { openFirewall } from '../../../nat/backend.ts'
import { describeFirewall } from './describe-firewall.ts'

describeFirewall(() => openFirewall('iptables'))

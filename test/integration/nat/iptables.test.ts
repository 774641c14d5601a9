import { run } from '../../../kernel/exec.ts'
import { IptablesFirewall } from '../../../nat/iptables/firewall.ts'
import { describeFirewall } from './describe-firewall.ts'

describeFirewall(() => new IptablesFirewall({ run }))

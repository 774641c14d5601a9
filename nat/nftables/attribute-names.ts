/** Names of nf_tables' attributes, for errors: the kernel says at which byte of a request the attribute at fault stands. */
import type { AttributeNames, RequestLayout } from '../../kernel/netlink/answer.ts'
import * as nft from './constants.ts'

const NFGENMSG_LENGTH = 4

const dataNames: AttributeNames = {
  1: 'NFTA_DATA_VALUE', 2: { name: 'NFTA_DATA_VERDICT', nested: { 1: 'NFTA_VERDICT_CODE', 2: 'NFTA_VERDICT_CHAIN' } },
}
const expressionNames: AttributeNames = { 1: { name: 'NFTA_LIST_ELEM', nested: { 1: 'NFTA_EXPR_NAME', 2: 'NFTA_EXPR_DATA' } } }
const elementNames: AttributeNames = {
  1: { name: 'NFTA_SET_ELEM_KEY', nested: dataNames }, 2: { name: 'NFTA_SET_ELEM_DATA', nested: dataNames }, 3: 'NFTA_SET_ELEM_FLAGS',
}

const tableNames: AttributeNames = { 1: 'NFTA_TABLE_NAME', 2: 'NFTA_TABLE_FLAGS' }
const chainNames: AttributeNames = {
  1: 'NFTA_CHAIN_TABLE', 3: 'NFTA_CHAIN_NAME', 4: { name: 'NFTA_CHAIN_HOOK', nested: { 1: 'NFTA_HOOK_HOOKNUM', 2: 'NFTA_HOOK_PRIORITY' } },
  5: 'NFTA_CHAIN_POLICY', 7: 'NFTA_CHAIN_TYPE',
}
const ruleNames: AttributeNames = {
  1: 'NFTA_RULE_TABLE', 2: 'NFTA_RULE_CHAIN', 3: 'NFTA_RULE_HANDLE', 4: { name: 'NFTA_RULE_EXPRESSIONS', nested: expressionNames },
  7: 'NFTA_RULE_USERDATA',
}
const setNames: AttributeNames = {
  1: 'NFTA_SET_TABLE', 2: 'NFTA_SET_NAME', 3: 'NFTA_SET_FLAGS', 4: 'NFTA_SET_KEY_TYPE', 5: 'NFTA_SET_KEY_LEN', 6: 'NFTA_SET_DATA_TYPE',
  7: 'NFTA_SET_DATA_LEN', 10: 'NFTA_SET_ID', 17: 'NFTA_SET_EXPR',
}
const elementListNames: AttributeNames = {
  1: 'NFTA_SET_ELEM_LIST_TABLE', 2: 'NFTA_SET_ELEM_LIST_SET',
  3: { name: 'NFTA_SET_ELEM_LIST_ELEMENTS', nested: { 1: { name: 'NFTA_LIST_ELEM', nested: elementNames } } },
}

const layout = (names: AttributeNames): RequestLayout => ({ headerLength: NFGENMSG_LENGTH, names })

/** By message type. */
export const layouts: Readonly<Record<number, RequestLayout>> = {
  [nft.NFT_MSG_NEWTABLE]: layout(tableNames), [nft.NFT_MSG_GETTABLE]: layout(tableNames), [nft.NFT_MSG_DELTABLE]: layout(tableNames),
  [nft.NFT_MSG_NEWCHAIN]: layout(chainNames), [nft.NFT_MSG_DELCHAIN]: layout(chainNames),
  [nft.NFT_MSG_NEWRULE]: layout(ruleNames), [nft.NFT_MSG_DELRULE]: layout(ruleNames), [nft.NFT_MSG_GETRULE]: layout(ruleNames),
  [nft.NFT_MSG_NEWSET]: layout(setNames), [nft.NFT_MSG_DELSET]: layout(setNames),
  [nft.NFT_MSG_NEWSETELEM]: layout(elementListNames), [nft.NFT_MSG_DELSETELEM]: layout(elementListNames),
  [nft.NFT_MSG_GETSETELEM]: layout(elementListNames),
}

/** Numbers of the DNS protocol, under their names in RFC 1035, 3596 and 6891. */
export const TYPE_SOA = 6
export const TYPE_OPT = 41

export const NOERROR = 0
export const FORMERR = 1
export const SERVFAIL = 2
export const NXDOMAIN = 3
export const NOTIMP = 4
export const REFUSED = 5
/** Beyond the header's four bits: the upper ones are in the OPT record. */
export const BADVERS = 16

export const HEADER_LENGTH = 12
/** Bits of the header's second word. */
export const FLAG_QR = 0x8000
export const FLAG_AA = 0x0400
export const FLAG_TC = 0x0200
export const FLAG_RD = 0x0100
export const FLAG_RA = 0x0080
export const FLAG_CD = 0x0010

/** What fits a datagram when the client says nothing else, and what tsnet offers and uses at most (no fragments on any path). */
export const PLAIN_UDP_SIZE = 512
export const MAX_UDP_SIZE = 1232

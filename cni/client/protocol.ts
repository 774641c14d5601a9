/**
 * What the thin client and the server say to each other, over a stream socket.
 *
 *     client   magic u64 | length of the environment u64 | length of the command line u64 | 1 with a namespace, else 0 u64 |
 *              environment (as in /proc/self/environ) | command line; with the first byte the descriptors: configuration, namespace
 *     server   status u32 | length u32 | standard output
 *
 * A server that is another version does not know the magic and closes; the client then does the work itself.
 */
export const requestHeader = 32
export const requestMagic = 0x7473_6e65_7443_0001n
export const answerHeader = 8
/** What a process can have at most, in practice; more is the standalone executable's affair. */
export const environmentLimit = 256 * 1024
export const commandLineLimit = 4096

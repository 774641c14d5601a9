/**
 * What the thin client and the server say to each other, over a stream socket.
 *
 *     client   magic u64 | length of the environment u64 | length of the command line u64 | 1 with a namespace, else 0 u64 |
 *              environment (as in /proc/self/environ) | command line; with the first byte the descriptors: configuration, namespace
 *     server   at once, when it begins with the work: `taken` u64; when it is done: status u32 | length u32 | standard output
 *
 * A server that is another version does not know the magic and closes; the client then does the work itself. So it does where the server is stopped
 * or hangs, and does not say `taken` in time; a server that finds, when it goes on, that the caller no longer waits, drops the question.
 */
export const requestHeader = 32
export const requestMagic = 0x7473_6e65_7443_0002n
export const takenWord = 0x7461_6b65_6e00_0000n
export const takenHeader = 8
export const answerHeader = 8
/** A server that runs says so within milliseconds, with a hundred calls at once within a second. */
export const takenLimitS = 5
/** Longer than anything that a call waits for (`patienceMs` of open.ts), shorter than kubelet's two minutes. */
export const answerLimitS = 110
/** What a process can have at most, in practice; more is the standalone executable's affair. */
export const environmentLimit = 256 * 1024
export const commandLineLimit = 4096

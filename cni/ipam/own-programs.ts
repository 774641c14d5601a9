/** Names of the executables that are tsnet's, whatever they are linked as. */
export const ownPrograms: readonly string[] = ['tsnet-cni', 'tsnet-cni-client']

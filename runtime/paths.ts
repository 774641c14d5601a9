/**
 * Where the runtime keeps its files. ROOT (default /var/lib/tsnet) outlives a reboot, RUN_ROOT (default /run/tsnet) does not.
 * All of one container's files are in one folder, which is removed with the container.
 */

export interface Roots { readonly root: string, readonly runRoot: string }

export interface ContainerPaths {
  /** ROOT/containers/ID */
  readonly directory: string
  /** Framed output of the container. */
  readonly log: string
  /** Written by the shim when the container has ended. */
  readonly status: string
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
}

export function containerPaths(roots: Roots, id: string): ContainerPaths {
  const directory = `${roots.root}/containers/${id}`
  return {
    directory,
    log: `${directory}/log`,
    status: `${directory}/status`,
    hosts: `${directory}/hosts`,
    hostname: `${directory}/hostname`,
    resolvConf: `${directory}/resolv.conf`,
  }
}

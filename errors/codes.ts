/**
 * Every error code, once: what kind of failure it is, the exit status of the command line, and what it means.
 *
 * `docs/reference/errors.md` is generated from this table and a test compares the two. Codes are API: they are never
 * renamed. Exit statuses are Docker's: 125 for a failure of the engine, 126 for a command that cannot be executed, 127
 * for one that is not found, 1 for a failed command other than `run`.
 */
export type ErrorKind =
  | 'invalid' | 'not-found' | 'conflict' | 'in-use' | 'exhausted' | 'forbidden' | 'unsupported' | 'unavailable'
  | 'kernel' | 'internal'

export interface CodeEntry {
  readonly kind: ErrorKind
  /** One sentence: what this means, and what to do about it. */
  readonly meaning: string
  /** Exit status of `tsnet run`; 125 where absent. */
  readonly exit?: number
}

export const codes = {
  'invalid-argument': { kind: 'invalid', meaning: 'A flag or argument is unknown, missing or malformed; the message names it.' },
  'invalid-name': { kind: 'invalid', meaning: 'A name has characters outside [a-zA-Z0-9][a-zA-Z0-9_.-]*.' },
  'invalid-subnet': { kind: 'invalid', meaning: 'A subnet is not in CIDR notation, or has host bits set.' },
  'invalid-address': { kind: 'invalid', meaning: 'An address is malformed or outside the subnet it is meant for.' },
  'invalid-port': { kind: 'invalid', meaning: 'A port specification is not [HOSTIP:][HOSTPORT[-LAST]:]PORT[-LAST][/PROTOCOL].' },
  'invalid-option': { kind: 'invalid', meaning: 'A driver option is unknown or has a bad value; the nearest known name is given.' },
  'invalid-reference': { kind: 'invalid', meaning: 'An image name is not [HOST[:PORT]/]NAME[:TAG][@DIGEST], with the name in lower case.' },
  'invalid-image': { kind: 'invalid', meaning: 'An image archive is unreadable, damaged or unsafe to unpack.' },
  'invalid-message': { kind: 'invalid', meaning: 'A kernel message could not be decoded.' },
  'conflicting-options': { kind: 'invalid', meaning: 'Two options exclude each other, such as --network container: and -p.' },
  'network-not-found': { kind: 'not-found', meaning: 'There is no network of that name or id; `tsnet network ls` lists them.' },
  'endpoint-not-found': { kind: 'not-found', meaning: 'There is no endpoint of that id; the other runtime has removed it, or never made it.' },
  'pool-not-found': { kind: 'not-found', meaning: 'There is no address pool of that id; the other runtime has released it, or never asked for it.' },
  'container-not-found': { kind: 'not-found', meaning: 'There is no container of that name or id; `tsnet ps -a` lists them.' },
  'image-not-found': { kind: 'not-found', meaning: 'There is no such image; `tsnet image ls` lists them, `tsnet image import` makes one.' },
  'volume-not-found': { kind: 'not-found', meaning: 'There is no volume of that name; `tsnet volume ls` lists them.' },
  'rootfs-not-found': { kind: 'not-found', meaning: 'The directory given with --rootfs does not exist.' },
  'mount-source-not-found': { kind: 'not-found', meaning: 'The host path of a bind mount does not exist.' },
  'sandbox-not-found': { kind: 'not-found', meaning: 'There is no such sandbox.' },
  'user-not-found': { kind: 'not-found', meaning: 'The user or group given with --user is not in the /etc/passwd or /etc/group of the image.' },
  'command-not-found': { kind: 'not-found', exit: 127, meaning: 'The command does not exist inside the container.' },
  'command-not-executable': { kind: 'invalid', exit: 126, meaning: 'The command exists inside the container but cannot be executed.' },
  'name-in-use': { kind: 'conflict', meaning: 'Another object of the same kind has this name.' },
  'already-connected': { kind: 'conflict', meaning: 'The container is connected to that network already.' },
  'not-connected': { kind: 'not-found', meaning: 'The container is not connected to that network; `tsnet inspect` lists its networks.' },
  'port-not-published': { kind: 'not-found', meaning: 'The container has no such published port; `tsnet port NAME` lists them.' },
  'subnet-overlap': { kind: 'conflict', meaning: 'The subnet overlaps a route of the host or another network, which is named.' },
  'address-in-use': { kind: 'conflict', meaning: 'The address is taken by another endpoint, which is named.' },
  'port-in-use': { kind: 'conflict', meaning: 'A host port is taken; the message names the holder.' },
  'socket-in-use': { kind: 'conflict', meaning: 'Another process listens on that socket or address.' },
  'link-exists': { kind: 'conflict', meaning: 'A network interface of that name exists and is not ours.' },
  'container-running': { kind: 'in-use', meaning: 'The container runs; stop it first, or use `rm -f`.' },
  'container-not-running': { kind: 'conflict', meaning: 'The container does not run.' },
  'network-in-use': { kind: 'in-use', meaning: 'The network still has endpoints, which are named.' },
  'image-in-use': { kind: 'in-use', meaning: 'The image is used by containers, which are named.' },
  'volume-in-use': { kind: 'in-use', meaning: 'The volume is used by containers, which are named.' },
  'file-exists': { kind: 'conflict', meaning: 'A file that must not exist does, such as the one given with --cidfile.' },
  'address-pool-exhausted': { kind: 'exhausted', meaning: 'The subnet has no free address left; the message counts what uses it.' },
  'subnet-pool-exhausted': { kind: 'exhausted', meaning: 'No free subnet is left in the default pools; give one with --subnet.' },
  'port-range-exhausted': { kind: 'exhausted', meaning: 'No free host port is left in the range.' },
  'bridge-full': { kind: 'exhausted', meaning: 'The network has as many bridges as it can have, and all are full.' },
  'permission-denied': { kind: 'forbidden', meaning: 'tsnet needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN).' },
  'predefined-network': { kind: 'forbidden', meaning: 'The networks host and none are part of tsnet and cannot be made or removed.' },
  'network-foreign': { kind: 'forbidden', meaning: 'The network belongs to another runtime, such as Docker; use its commands.' },
  'kernel-feature-missing': { kind: 'unsupported', meaning: 'This kernel lacks something that is needed, which is named.' },
  'firewall-unsupported': { kind: 'unsupported', meaning: 'The firewall backend cannot be used on this host, for the reason given.' },
  'loopback6-unsupported': { kind: 'unsupported', meaning: 'Ports cannot be published on [::1] here, for the reason given.' },
  'platform-unsupported': { kind: 'unsupported', meaning: 'The image or the machine is of an architecture that tsnet does not run on.' },
  'no-nameserver': { kind: 'unavailable', meaning: 'Every nameserver of the host is on its loopback, where a container cannot reach it; give one with --dns.' },
  'timeout': { kind: 'unavailable', meaning: 'An operation did not end within its time.' },
  'kernel-error': { kind: 'kernel', meaning: 'A system call or netlink request failed; errno and the kernel\'s own text are given.' },
  'firewall-error': { kind: 'kernel', meaning: 'The firewall refused a change; what it said is given.' },
  'container-start-failed': { kind: 'kernel', meaning: 'A step of the container start failed; the step and errno are given.' },
  'cni-error': { kind: 'invalid', meaning: 'A CNI call failed; the number that the CNI specification has for it, and the details, are given to the caller.' },
  'store-error': { kind: 'internal', meaning: 'The state database cannot be opened, read or written.' },
  'internal-error': { kind: 'internal', meaning: 'A defect in tsnet; please report it with the output of --debug.' },
} as const satisfies Record<string, CodeEntry>

export type ErrorCode = keyof typeof codes

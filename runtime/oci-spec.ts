/** The part of the OCI runtime specification's config.json that tsnet produces and understands. Names are the specification's. */
export interface OciSpec {
  readonly ociVersion: string
  readonly process: OciProcess
  readonly root: { readonly path: string, readonly readonly: boolean }
  readonly hostname?: string
  readonly mounts: readonly OciMount[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly linux: OciLinux
}
export interface OciProcess {
  readonly terminal: boolean
  readonly consoleSize?: { readonly height: number, readonly width: number }
  readonly user: { readonly uid: number, readonly gid: number, readonly umask?: number, readonly additionalGids?: readonly number[] }
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: Readonly<Record<'bounding' | 'effective' | 'inheritable' | 'permitted' | 'ambient', readonly string[]>>
  readonly rlimits?: readonly { readonly type: string, readonly soft: number, readonly hard: number }[]
  readonly noNewPrivileges: boolean
  readonly oomScoreAdj?: number
}
export interface OciMount {
  readonly destination: string, readonly type: string, readonly source: string, readonly options: readonly string[]
}
export interface OciNamespace {
  readonly type: 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup', readonly path?: string
}
export interface OciLinux {
  readonly namespaces: readonly OciNamespace[]
  readonly sysctl?: Readonly<Record<string, string>>
  readonly cgroupsPath: string
  readonly resources?: OciResources
  readonly seccomp?: OciSeccomp
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  readonly rootfsPropagation?: string
}
export interface OciResources {
  readonly devices?: readonly {
    readonly allow: boolean, readonly type?: string, readonly major?: number, readonly minor?: number, readonly access?: string
  }[]
  readonly memory?: { readonly limit?: number, readonly swap?: number }
  readonly cpu?: { readonly quota?: number, readonly period?: number }
  readonly pids?: { readonly limit: number }
}
export type SeccompAction = 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO' | 'SCMP_ACT_KILL_PROCESS' | 'SCMP_ACT_LOG'
export type SeccompOperator =
  'SCMP_CMP_EQ' | 'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_LE' | 'SCMP_CMP_GE' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ'
export interface OciSeccomp {
  readonly defaultAction: SeccompAction
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly syscalls: readonly {
    readonly names: readonly string[]
    readonly action: SeccompAction
    readonly errnoRet?: number
    readonly args?: readonly { readonly index: number, readonly value: number, readonly valueTwo?: number, readonly op: SeccompOperator }[]
  }[]
}

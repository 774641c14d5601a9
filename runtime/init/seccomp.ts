/** placeholder */
import type { OciSeccomp } from '../oci-spec.ts'
import type { Data, Program } from './program.ts'
export function compileSeccomp(program: Program, seccomp: OciSeccomp): Data { throw new Error(String(program) + seccomp.defaultAction) }

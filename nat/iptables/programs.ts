/** How the tools of iptables are started: handed in, so that tests can stand in for them. */

/** Runs a program to its end: `run` of kernel/exec.ts. */
export type RunProgram = (argv: readonly string[], options?: { readonly stdin?: string }) => Promise<ProgramResult>
export interface ProgramResult { readonly status: number, readonly stdout: string, readonly stderr: string }

/** Starts a program that then waits for its input: `startWaiting` of kernel/exec.ts. */
export type StartProgram = (argv: readonly string[]) => StartedProgram
export interface StartedProgram extends Disposable {
  readonly capacity: number
  finish(stdin: string): Promise<ProgramResult>
}

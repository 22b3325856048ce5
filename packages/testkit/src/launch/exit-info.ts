/**
 * How a process ended. A process ended by a signal has no exit code; `kind` distinguishes the two.
 */
export type ExitInfo =
  { readonly kind: "exited"; readonly code: number } | { readonly kind: "signalled"; readonly signal: NodeJS.Signals };

/** Turns the two nullable arguments of Node's `exit` event into one value. */
export function createExitInfo(code: number | null, signal: NodeJS.Signals | null): ExitInfo {
  return signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "signalled", signal };
}

/**
 * Describes an exit for messages.
 *
 * @example describeExit({ kind: "exited", code: 3 }) // "exit code 3"
 */
export function describeExit(exit: ExitInfo): string {
  return exit.kind === "exited" ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}

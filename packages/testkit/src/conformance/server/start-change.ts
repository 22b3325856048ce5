/** How one more start of a server differs from the usual one. */
export interface StartChange {
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A port that another process listens on: the program is expected to end. */
  readonly port?: number | undefined;
  /** Another model file in place of the usual one: the program is expected to end. */
  readonly modelFile?: string | undefined;
  /** Time-out of the start, in ms. @default that of the harness */
  readonly readyTimeoutMs?: number | undefined;
}

/** What can be changed about a start. */
export interface StartFacts {
  readonly command: string;
  readonly changes: readonly (keyof StartChange)[];
  /** The model file that the command names, if it does. */
  readonly modelFile?: string | undefined;
}

/** What to spawn, with every placeholder filled in. */
export interface SpawnPlan {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the new process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly logLines: number;
  /** The mark in `env` that all processes of this worker inherit. */
  readonly token: string;
}

/** What to spawn, with every placeholder filled. */
export interface SpawnPlan {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the new process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly logLines: number;
  /** The mark that all processes of this worker carry in `env`. */
  readonly token: string;
}

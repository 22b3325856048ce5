/**
 * Environment variable that marks every process of a worker. Children inherit it, including those that leave the process
 * group or lose their parent, so that they can be found and ended.
 */
const WORKER_MARK = "INFERENCE_TESTKIT_WORKER";

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

/**
 * The environment of a new worker. When this process is itself part of a worker, the outer mark is kept in front, so that
 * stopping the outer worker finds the inner one too.
 */
export function createMarkedEnv(
  env: Readonly<Record<string, string | undefined>>,
  token: string,
): Record<string, string | undefined> {
  const outer = process.env[WORKER_MARK];
  return { ...process.env, ...env, [WORKER_MARK]: outer === undefined ? token : `${outer},${token}` };
}

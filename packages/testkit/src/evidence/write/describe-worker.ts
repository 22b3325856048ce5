import type { WorkerFacts } from "../format.js";
import { findVersion, type Subject } from "../record/subject.js";
import { round } from "./timings.js";
import { describeModelFile, findModelPath } from "./model-file.js";

/**
 * What is known about a worker.
 *
 * @param version what `findVersion()` found before, if the log may have lost it since.
 */
export async function describeWorker(
  subject: Subject,
  { version = findVersion(subject), hashModel = true }: { version?: string | undefined; hashModel?: boolean } = {},
): Promise<WorkerFacts> {
  const { id, url, process } = subject;
  if (process === undefined) return { id, url };
  const { command, args, cwd, pid, startCount, readyAfterMs, exit, readyLine, portOwner } = process();
  const model = findModelPath(args);
  return {
    id,
    url,
    command,
    args,
    pid,
    readyAfterMs: round(readyAfterMs),
    startCount,
    portOwner,
    exit,
    version,
    model: readyLine?.model,
    device: readyLine?.device,
    modelFile: model === undefined ? undefined : await describeModelFile(model, cwd, hashModel),
  };
}

import { end, token } from "../../events/support.js";
import { serveJobs, startOf, type JobServer, type JobServerOptions, type ReceivedJob } from "../../jobs/job-server.js";

/** A worker in this process, with the metrics that a load run reads; it counts the tokens of `finishJob()` itself. */
export async function serveLoad(
  answer: (job: ReceivedJob) => void = finishJob,
  options: JobServerOptions = {},
): Promise<JobServer> {
  let tokenCount = 0;
  return serveJobs(
    (job) => {
      tokenCount += 2;
      answer(job);
    },
    {
      onGet: (path, response) => {
        if (path !== "/metrics") response.writeHead(404).end();
        else response.writeHead(200).end(`worker_tokens_generated_total ${tokenCount}\n`);
      },
      ...options,
    },
  );
}

/** Two tokens and a good end. */
export function finishJob(job: ReceivedJob): void {
  job.finish(startOf(job), token(0), token(1), end());
}

import type { EngineRequest } from "../engine/engine.js";
import type { AnswerEncoder } from "../jobs/index.js";
import type { Exchange } from "./exchange.js";
import { ResponseSink } from "./response-sink.js";

/** Runs a job whose events go to the response; the job ends when the client leaves. */
export function submitJob(
  { response, correlationId, state }: Exchange,
  request: EngineRequest,
  encoder: AnswerEncoder,
): void {
  const record = state.behavior.openRecord(request.job_id, correlationId);
  const job = state.behavior.createJob(request, new ResponseSink(response, encoder, record), correlationId);
  const disconnect = () => {
    if (!response.writableFinished) job.disconnect();
  };
  if (response.destroyed) disconnect();
  else response.once("close", disconnect);
  state.scheduler.submit(job);
}

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { encodeSseEvent, type InferenceEvent, type StartedEvent } from "inference-worker-protocol";
import { onTestFinished } from "vitest";
import { WorkerClient, type ExecuteBody, type WorkerClientOptions } from "../../src/client/index.js";
import { failure, started, streamHead } from "../events/support.js";

export const cancelledError = { ...failure, code: "CANCELLED", retriable: false };

/** A job as the server received it. */
export interface ReceivedJob {
  readonly request: ExecuteBody;
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  /** Sends events, after the headers of a stream. */
  send(...events: readonly InferenceEvent[]): void;
  /** Sends events and ends the stream. */
  finish(...events: readonly InferenceEvent[]): void;
  /** Resolves when the connection of the client is closed. */
  readonly gone: Promise<void>;
}

export interface JobServer {
  readonly client: WorkerClient;
  readonly jobs: ReceivedJob[];
  /** The ids of the jobs that were to be cancelled. */
  readonly cancelled: string[];
}

export interface JobServerOptions extends Partial<WorkerClientOptions> {
  /** Called for a cancellation, with the job and the response to answer. */
  readonly onCancel?: (job: ReceivedJob, response: ServerResponse) => void;
  /** Answers a GET; without it, every one is answered with 404. */
  readonly onGet?: (path: string, response: ServerResponse) => void;
}

/** A worker in this process: `answer` runs each job; a cancelled one ends with the error CANCELLED. */
export async function serveJobs(
  answer: (job: ReceivedJob) => void,
  { onCancel = acceptCancel, onGet = answerNotFound, ...options }: JobServerOptions = {},
): Promise<JobServer> {
  const jobs: ReceivedJob[] = [];
  const cancelled: string[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (request.method === "GET") {
        onGet(request.url ?? "", response);
        return;
      }
      if (request.url?.startsWith("/cancel/") !== true) {
        const job = receive(JSON.parse(body) as ExecuteBody, request, response);
        jobs.push(job);
        answer(job);
        return;
      }
      const id = request.url.slice("/cancel/".length);
      cancelled.push(id);
      onCancel(
        jobs.find((job) => job.request.job_id === id)!,
        response,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const client = new WorkerClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...options,
  });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, jobs, cancelled };
}

/** The first event of the stream of a job. */
export function startOf({ request }: ReceivedJob): StartedEvent {
  return { ...(started as StartedEvent), job_id: String(request["job_id"]) };
}

/** Answers a cancellation. */
export function answerCancel(job: ReceivedJob, response: ServerResponse, state: string): void {
  response.writeHead(202, { "content-type": "application/json" });
  response.end(JSON.stringify({ job_id: job.request.job_id, state }));
}

function acceptCancel(job: ReceivedJob, response: ServerResponse): void {
  answerCancel(job, response, "cancelling");
  job.finish(cancelledError);
}

function answerNotFound(_path: string, response: ServerResponse): void {
  response.writeHead(404).end();
}

function receive(body: ExecuteBody, request: IncomingMessage, response: ServerResponse): ReceivedJob {
  const send = (...events: readonly InferenceEvent[]): void => {
    if (!response.headersSent) response.writeHead(200, streamHead).flushHeaders();
    for (const event of events) response.write(encodeSseEvent(event));
  };
  const finish = (...events: readonly InferenceEvent[]): void => {
    send(...events);
    response.end();
  };
  const gone = new Promise<void>((resolve) => response.once("close", resolve));
  return { request: body, headers: request.headers, response, send, finish, gone };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

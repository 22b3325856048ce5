import type { ServerResponse } from "node:http";
import { isEventStream, readHead, type FindError, type WorkerAnswer } from "./answer.js";
import type { ClientAnswer } from "./client-answer.js";
import { StreamSplitter } from "./stream-splitter.js";

const NO_EVENTS: readonly string[] = [];

interface Relaying {
  readonly client: ClientAnswer;
  readonly response: ServerResponse;
  readonly findError: FindError;
}

/**
 * Relays a response: each chunk immediately, and no faster than the client reads. Rejects when the worker's connection
 * breaks; resolves when everything was passed to the socket.
 */
export function relay({ incoming, dialect }: WorkerAnswer, { client, response, findError }: Relaying): Promise<void> {
  const head = readHead(incoming);
  client.begin(head);
  const splitter = isEventStream(head, dialect) ? new StreamSplitter(dialect) : undefined;
  return new Promise((resolve, reject) => {
    incoming.on("data", (chunk: Buffer) => {
      const events = splitter?.findNames(chunk) ?? NO_EVENTS;
      if (!client.push(chunk, events)) incoming.pause();
    });
    response.on("drain", () => incoming.resume());
    incoming.once("end", () => {
      const error = findError();
      if (error === undefined) {
        client.end("clean");
        resolve();
      } else {
        reject(error);
      }
    });
    incoming.once("error", reject);
  });
}

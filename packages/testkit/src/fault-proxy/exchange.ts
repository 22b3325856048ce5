import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { FaultHit, FaultLedger } from "worker-orcd-control";
import { isExecute, type Dialect } from "../dialects/index.js";
import { readAnswer, type Answer } from "./answer.js";
import { buildBody, chooseFitting, shapeHead } from "./body.js";
import { ClientAnswer } from "./client-answer.js";
import type { ExchangeLog } from "./exchange-log.js";
import { REQUEST_FAULT_IDS } from "./fault-ids.js";
import { relay } from "./relay.js";
import { isReplacing, replaceAnswer } from "./replacing-faults.js";
import { NOTHING_READ, readJobStart, sendBody, type RequestStart } from "./request-body.js";
import { toBreak, type Upstream, type UpstreamBreak } from "./upstream.js";

/** What every exchange needs. */
export interface ExchangeServices {
  /** The dialect of the worker. */
  readonly dialect: Dialect;
  readonly upstream: Upstream;
  readonly ledger: FaultLedger;
}

/**
 * One request and its answer. The faults are chosen when the request arrives and do not change after that: arming and disarming never
 * affect a running answer.
 */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #services: ExchangeServices;
  readonly #log: ExchangeLog;
  readonly #client: ClientAnswer;
  /** Aborted when the response is over: sent, or its client has left. */
  readonly #over = new AbortController();
  #outgoing: ClientRequest | undefined;
  /** The error that the request reported before its answer was complete. */
  #upstreamError: Error | undefined;

  constructor(response: ServerResponse, services: ExchangeServices, log: ExchangeLog) {
    this.#request = response.req;
    this.#response = response;
    this.#services = services;
    this.#log = log;
    this.#client = new ClientAnswer(response, log);
  }

  /** Resolves when the response is over and every fault is recorded; never rejects. */
  async run(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#response.once("close", () => {
        this.#log.noteEnd(this.#response.writableFinished ? "complete" : "client-left");
        this.#over.abort(new Error("the answer is over"));
        resolve();
      });
    });
    let hits: readonly FaultHit[] = [];
    try {
      const { dialect, ledger } = this.#services;
      const { method = "GET", url = "/" } = this.#request;
      const path = url.split("?", 1)[0] ?? "/";
      const isJob = isExecute(dialect, method, path);
      const start = isJob ? await readJobStart(this.#request, dialect) : NOTHING_READ;
      const { jobId } = start;
      this.#log.noteRequest({ method, path, jobId });
      const chosen = ledger.choose(REQUEST_FAULT_IDS, { jobId, path, isJob: dialect.executePaths.includes(path) });
      hits = chosen.map((hit) => this.#log.watch(hit));
      await this.#answer(hits, () => this.#forward(start));
    } catch (error) {
      const { signal } = this.#over;
      // Rejects only if the client leaves in the meantime, which also ends the answer.
      if (!signal.aborted) await this.#client.breakOff(this.#breakOf(error), signal).catch(() => undefined);
    }
    if (this.#response.writableEnded || this.#response.destroyed) this.#outgoing?.destroy();
    await closed;
    this.#outgoing?.destroy();
    for (const hit of hits) hit.bypass(this.#log.describeEnd());
  }

  async #answer(hits: readonly FaultHit[], forward: () => Promise<IncomingMessage>): Promise<void> {
    const { dialect } = this.#services;
    const findError = () => this.#upstreamError;
    if (hits.length === 0) {
      return relay(
        { incoming: await forward(), dialect },
        { client: this.#client, response: this.#response, findError },
      );
    }
    const [replacing, ...others] = hits.filter(isReplacing);
    if (replacing === undefined) {
      return this.#answerWithFaults(
        readAnswer(
          { incoming: await forward(), dialect },
          { findError, toEnding: (error) => this.#breakOf(error).how },
        ),
        hits,
      );
    }
    for (const other of others) other.bypass(`\`${replacing.key}\` answered`);
    this.#request.resume();
    return this.#answerWithFaults(replaceAnswer(replacing), hits);
  }

  async #answerWithFaults(given: Answer, chosen: readonly FaultHit[]): Promise<void> {
    const { signal } = this.#over;
    const hits = chooseFitting(given.head, chosen, this.#services.dialect);
    const { head, pieces } = await shapeHead(given, hits, { headersAtMs: performance.now(), signal });
    signal.throwIfAborted();
    this.#client.begin(head);
    for await (const piece of buildBody(pieces, hits, {
      headersAtMs: performance.now(),
      signal,
      inspection: this.#services.dialect.inspection,
    })) {
      await this.#client.send(piece, signal);
      if (piece.ending !== undefined) return;
    }
    this.#client.end("clean");
  }

  #forward(start: RequestStart): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      this.#over.signal.throwIfAborted();
      const outgoing = this.#services.upstream.open(this.#request);
      this.#outgoing = outgoing;
      let answer: IncomingMessage | undefined;
      outgoing.on("response", (incoming) => resolve((answer = incoming)));
      outgoing.on("error", (error) => {
        if (answer?.complete !== true) this.#upstreamError ??= error;
        reject(error);
      });
      this.#over.signal.addEventListener("abort", () => outgoing.destroy(), { once: true });
      sendBody(start, this.#request, outgoing);
    });
  }

  /** Only the error of the request itself distinguishes a reset from a close. */
  #breakOf(error: unknown): UpstreamBreak {
    return toBreak(this.#upstreamError ?? error);
  }
}

import type { FaultHit } from "worker-orcd-control";
import type { JournalEnding, ProxyJournal } from "./proxy-journal.js";
import { plural } from "../numbers/index.js";

/** Identifies a request and its connection. */
export interface ExchangeNumbers {
  readonly connection: number;
  readonly request: number;
}

/** Counts and journals what was sent for one request. */
export class ExchangeLog {
  readonly #journal: ProxyJournal;
  readonly #numbers: ExchangeNumbers;
  #bytes = 0;
  #tokenCount = 0;
  #ended: JournalEnding | undefined;
  #lastFired: string | undefined;

  constructor(journal: ProxyJournal, numbers: ExchangeNumbers) {
    this.#journal = journal;
    this.#numbers = numbers;
  }

  noteRequest(request: { readonly method: string; readonly path: string; readonly jobId: string | undefined }): void {
    this.#journal.note({ ...this.#numbers, kind: "request", ...request });
  }

  noteHeaders(status: number): void {
    this.#journal.note({ ...this.#numbers, kind: "headers", status });
  }

  noteWrite(bytes: number, events: readonly string[]): void {
    this.#journal.note({ ...this.#numbers, kind: "write", offset: this.#bytes, bytes, events });
    this.#bytes += bytes;
    for (const event of events) if (event === "token") this.#tokenCount += 1;
  }

  /** Only the first end is recorded. */
  noteEnd(how: JournalEnding): void {
    if (this.#ended !== undefined) return;
    this.#ended = how;
    this.#journal.note({ ...this.#numbers, kind: "ended", how });
  }

  /** The same hit; its firing is journaled. */
  watch(hit: FaultHit): FaultHit {
    let fired = false;
    const fire = () => {
      if (!fired) this.#journal.note({ ...this.#numbers, kind: "fired", key: hit.key });
      fired = true;
      this.#lastFired = hit.key;
      hit.fire();
    };
    return { ...hit, fire };
  }

  /** Why a fault that was chosen for this request did not happen. */
  describeEnd(): string {
    const after = `after ${plural(this.#tokenCount, "token")} (${plural(this.#bytes, "byte")})`;
    if (this.#ended === "client-left") return `the client left ${after}`;
    const ended = this.#ended === "complete" ? "ended" : "broke off";
    return this.#lastFired === undefined
      ? `the answer ${ended} ${after}`
      : `the answer ${ended} ${after}, with ${this.#lastFired}`;
  }
}

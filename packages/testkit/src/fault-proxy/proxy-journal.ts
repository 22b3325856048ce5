/** How an exchange ended, as the client saw it. */
export type JournalEnding = "complete" | "closed" | "reset" | "broken-chunk" | "client-left";

/** One thing that happened between the proxy and a client. */
export type ProxyJournalEntry = {
  /** On the clock of `performance.now()`: for a write, when it was passed to the socket. */
  readonly atMs: number;
  /** Number of the client's connection, from 1. */
  readonly connection: number;
  /** Number of the request, from 1; undefined for entries about the connection only. */
  readonly request?: number | undefined;
} & (
  | { readonly kind: "connected" | "disconnected" }
  | { readonly kind: "request"; readonly method: string; readonly path: string; readonly jobId: string | undefined }
  | { readonly kind: "headers"; readonly status: number }
  /**
   * `bytes` of the body starting at `offset`; `events` are the names of the events that end in it.
   */
  | { readonly kind: "write"; readonly offset: number; readonly bytes: number; readonly events: readonly string[] }
  | { readonly kind: "fired"; readonly key: string }
  | { readonly kind: "ended"; readonly how: JournalEnding }
);

type WithoutTime<Entry> = Entry extends unknown ? Omit<Entry, "atMs"> : never;

/** Number of entries to keep; older ones are dropped and counted. */
const KEPT_COUNT = 20_000;

/** What was actually sent to each client, and when. Bounded to at least the last 20,000 entries. */
export class ProxyJournal {
  #entries: ProxyJournalEntry[] = [];
  #droppedCount = 0;

  /** The entries, in order. */
  get entries(): readonly ProxyJournalEntry[] {
    return this.#entries;
  }

  /** Number of entries dropped because there were too many. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** The entries of the last request with this job id; none if it is unknown. */
  ofJob(jobId: string): readonly ProxyJournalEntry[] {
    const last = this.#entries.findLast((entry) => entry.kind === "request" && entry.jobId === jobId);
    return last === undefined ? [] : this.#entries.filter(({ request }) => request === last.request);
  }

  /** @internal */
  note(entry: WithoutTime<ProxyJournalEntry>): void {
    this.#entries.push({ atMs: performance.now(), ...entry });
    if (this.#entries.length < 2 * KEPT_COUNT) return;
    this.#entries = this.#entries.slice(-KEPT_COUNT);
    this.#droppedCount += KEPT_COUNT;
  }
}

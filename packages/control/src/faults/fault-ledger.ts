import { definitionOf, isFaultId, type FaultId } from "./catalogue.js";
import type { FaultProvider } from "./define-fault.js";
import type { ResolvedFault } from "./fault-spec.js";
import { drawFor, fitsMatch, isChosen, type FaultOpportunity } from "./fault-trigger.js";

/** The record of one armed fault. `GET /faults` of a control listener returns a list of these. */
export interface FaultAccount {
  /** Unique in its ledger: the id and a number. */
  readonly key: string;
  readonly id: FaultId;
  readonly optional: boolean;
  /** Requests that `match`, `when` and `times` chose. */
  readonly matched: number;
  /** How often the fault fired. */
  readonly fired: number;
  /** How often it was chosen but did not happen, by reason. */
  readonly bypassed: Readonly<Record<string, number>>;
  /** Requests that matched `match` but were left out by `when` or `times`. */
  readonly skipped: number;
}

interface Entry {
  key: string;
  readonly id: FaultId;
  /** `undefined` for a fault that is only known to another process. */
  fault: ResolvedFault | undefined;
  optional: boolean;
  seen: number;
  matched: number;
  fired: number;
  /** How often another process announced that it fired. */
  announced: number;
  skipped: number;
  /** Chosen, but neither fired nor bypassed yet. */
  pending: number;
  bypassed: Map<string, number>;
  armed: boolean;
  /** The process in which it could happen is gone. */
  retired: boolean;
}

/** Maximum number of faults recorded only because another process announced them: it may write any text. */
const MOST_ANNOUNCED_COUNT = 1_000;

/** Called for every fault that happens. */
export type FaultListener = (key: string, opportunity: FaultOpportunity) => void;

/**
 * A fault that was chosen for one request. Only the first call of {@link fire} or {@link bypass} counts, so a fault that happens
 * several times in one request counts once.
 */
export interface FaultHit<Id extends FaultId = FaultId> {
  readonly key: string;
  readonly fault: ResolvedFault<Id>;
  /** A number in [0, 1) that depends only on seed, fault and request, for any choice that a fault makes. */
  readonly draw: number;
  readonly state: "pending" | "fired" | "bypassed";
  readonly fire: () => void;
  /** @param reason why it could not happen, such as "the stream ended after 5 tokens". */
  readonly bypass: (reason: string) => void;
}

/**
 * The record of injected faults: which are armed, which requests they were chosen for, and whether they happened. Faults of this process
 * are {@link choose chosen} here; those of another process are {@link report reported} or {@link announce announced}. Pure: no clock, no
 * I/O.
 */
export class FaultLedger {
  readonly #seed: number;
  readonly #onFired: FaultListener;
  readonly #entries: Entry[] = [];
  readonly #numbers = new Map<FaultId, number>();

  /** @param seed the seed of every probability. */
  constructor(seed: number, onFired: FaultListener = () => undefined) {
    this.#seed = seed;
    this.#onFired = onFired;
  }

  /**
   * Arms faults and returns their keys, in order.
   *
   * @param keys the keys given by another process. @default the id and the next number
   */
  arm(faults: readonly ResolvedFault[], keys?: readonly (string | undefined)[]): string[] {
    return faults.map((fault, index) => {
      const { id, optional } = fault;
      const key = keys?.[index] ?? `${id}#${(this.#numbers.get(id) ?? 0) + 1}`;
      Object.assign(this.#entryOf(key, id), { fault, optional, armed: true } satisfies Partial<Entry>);
      return key;
    });
  }

  /** Disarms the faults with these keys, or all. Requests that were already chosen keep their faults, and the record is kept. */
  disarm(keys?: readonly string[]): void {
    for (const entry of this.#entries) if (keys === undefined || keys.includes(entry.key)) entry.armed = false;
  }

  /** Chooses the faults for one request. Each counts as matched, and is pending until it fires or is bypassed. */
  choose<Id extends FaultId>(ids: readonly Id[], opportunity: FaultOpportunity): FaultHit<Id>[] {
    const hits: FaultHit<Id>[] = [];
    for (const entry of this.#entries) {
      const { fault, armed } = entry;
      if (!armed || fault === undefined || !isOneOf(ids, fault.id) || !fitsMatch(fault, opportunity)) continue;
      entry.seen++;
      const draw = drawFor(entry.key, { seed: this.#seed, seen: entry.seen, jobId: opportunity.jobId });
      if (isChosen(fault, entry, draw))
        hits.push(this.#hit(entry, { fault: fault as ResolvedFault<Id>, draw, opportunity }));
      else entry.skipped++;
    }
    return hits;
  }

  accounts(): FaultAccount[] {
    return this.#entries.map(({ key, id, optional, matched, fired, bypassed, skipped }) => {
      return { key, id, optional, matched, fired, bypassed: Object.fromEntries(bypassed), skipped };
    });
  }

  /** Takes over the counts of another process; what it announced before is never lost. */
  report(accounts: readonly FaultAccount[]): void {
    for (const { key, id, optional, matched, fired, bypassed, skipped } of accounts) {
      if (!isFaultId(id)) continue;
      const entry = this.#entryOf(key, id);
      Object.assign(entry, { optional, skipped, bypassed: new Map(Object.entries(bypassed)) } satisfies Partial<Entry>);
      entry.fired = Math.max(fired, entry.announced);
      entry.matched = Math.max(matched, entry.fired);
    }
  }

  /**
   * Records that another process announced a fault; it may not live long enough to report its counts. The key may not be known yet, so
   * the first 1,000 unknown ones are recorded.
   */
  announce(key: string): void {
    const id = key.replace(/#\d+$/, "");
    if (!isFaultId(id) || !this.#mayAnnounce(key)) return;
    const entry = this.#entryOf(key, id);
    entry.announced++;
    entry.fired = Math.max(entry.fired, entry.announced);
    entry.matched = Math.max(entry.matched, entry.fired);
    this.#onFired(key, {});
  }

  /**
   * The process in which the faults of a provider happen is gone. Their records are kept under keys with this suffix, and numbering
   * restarts, as it does in the next process. Returns the keys without the suffix.
   */
  retire(provider: FaultProvider, suffix: string): string[] {
    const retired = this.#entries.filter((entry) => !entry.retired && definitionOf(entry.id).provider === provider);
    return retired.map((entry) => {
      const { key } = entry;
      Object.assign(entry, { key: `${key}${suffix}`, armed: false, retired: true } satisfies Partial<Entry>);
      this.#numbers.delete(entry.id);
      return key;
    });
  }

  #mayAnnounce(key: string): boolean {
    if (this.#entries.some((entry) => entry.key === key)) return true;
    return this.#entries.filter(({ fault }) => fault === undefined).length < MOST_ANNOUNCED_COUNT;
  }

  #entryOf(key: string, id: FaultId): Entry {
    const known = this.#entries.find((entry) => entry.key === key);
    if (known !== undefined) return known;
    const counts = { seen: 0, matched: 0, fired: 0, announced: 0, skipped: 0, pending: 0, bypassed: new Map() };
    const entry: Entry = { key, id, fault: undefined, optional: false, ...counts, armed: false, retired: false };
    this.#entries.push(entry);
    this.#numbers.set(id, Math.max(this.#numbers.get(id) ?? 0, Number(key.slice(id.length + 1))));
    return entry;
  }

  #hit<Id extends FaultId>(
    entry: Entry,
    { fault, draw, opportunity }: { fault: ResolvedFault<Id>; draw: number; opportunity: FaultOpportunity },
  ): FaultHit<Id> {
    entry.matched++;
    entry.pending++;
    let state: FaultHit["state"] = "pending";
    const settle = (outcome: "fired" | "bypassed", count: () => void) => {
      if (state !== "pending") return;
      state = outcome;
      entry.pending--;
      count();
    };
    return {
      key: entry.key,
      fault,
      draw,
      get state() {
        return state;
      },
      fire: () =>
        settle("fired", () => {
          entry.fired++;
          this.#onFired(entry.key, opportunity);
        }),
      bypass: (reason) => settle("bypassed", () => entry.bypassed.set(reason, (entry.bypassed.get(reason) ?? 0) + 1)),
    };
  }
}

function isOneOf(ids: readonly FaultId[], id: FaultId): boolean {
  return ids.includes(id);
}

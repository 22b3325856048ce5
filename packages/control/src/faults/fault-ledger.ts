import { combine, hashText, toUnit } from "../random.js";
import type { FaultId } from "./catalogue.js";
import type { ResolvedFault } from "./fault-spec.js";

/** One request, connection or probe to which a fault may happen. */
export interface FaultOpportunity {
  readonly jobId?: string | undefined;
  readonly path?: string | undefined;
}

/** What became of one armed fault; the answer of `GET /faults` of a control listener is a list of these. */
export interface FaultAccount {
  /** Unique in its ledger: the id and a number. */
  readonly key: string;
  readonly id: FaultId;
  readonly mayNotFire: boolean;
  /** Requests that it was meant for, by `match` and `when`. */
  readonly matched: number;
  /** How often it really happened. */
  readonly fired: number;
  /** How often it was meant for a request and did not happen, by reason. */
  readonly bypassed: Readonly<Record<string, number>>;
  /** Requests that `match` fitted and `when` or `times` left out. */
  readonly passedOver: number;
}

interface Entry {
  readonly key: string;
  readonly fault: ResolvedFault;
  seen: number;
  matched: number;
  fired: number;
  passedOver: number;
  /** Matched, and not yet fired or bypassed. */
  pending: number;
  readonly bypassed: Map<string, number>;
  armed: boolean;
}

/** Told about every fault that happened. */
export type FaultListener = (key: string, opportunity: FaultOpportunity) => void;

/**
 * A fault that was chosen for one request. Exactly one of {@link fire} and {@link bypass} counts, the first one; a fault that fires
 * several times in one request counts once.
 */
export interface FaultHit<Id extends FaultId = FaultId> {
  readonly key: string;
  readonly fault: ResolvedFault<Id>;
  /** A number that is the same for the same seed, fault and request; for what a fault has to choose. */
  readonly draw: number;
  readonly state: "pending" | "fired" | "bypassed";
  readonly fire: () => void;
  /** @param reason why it could not happen, e.g. "the stream ended after 5 tokens". */
  readonly bypass: (reason: string) => void;
}

/** The books of injected faults: which are armed, for which requests they were meant, and whether they happened. Pure, no clock. */
export class FaultLedger {
  readonly #seed: number;
  readonly #onFired: FaultListener;
  readonly #entries: Entry[] = [];
  readonly #numbers = new Map<FaultId, number>();

  /** @param seed decides every probability. */
  constructor(seed: number, onFired: FaultListener = () => undefined) {
    this.#seed = seed;
    this.#onFired = onFired;
  }

  /** Arms faults and says under which keys they are kept. */
  arm(faults: readonly ResolvedFault[]): string[] {
    return faults.map((fault) => {
      const number = (this.#numbers.get(fault.id) ?? 0) + 1;
      this.#numbers.set(fault.id, number);
      const key = `${fault.id}#${number}`;
      const counts = { seen: 0, matched: 0, fired: 0, passedOver: 0, pending: 0 };
      this.#entries.push({ key, fault, ...counts, bypassed: new Map(), armed: true });
      return key;
    });
  }

  /** Disarms the faults with these keys, or all; requests that were chosen keep theirs, and the books stay. */
  disarm(keys?: readonly string[]): void {
    for (const entry of this.#entries) if (keys === undefined || keys.includes(entry.key)) entry.armed = false;
  }

  /** The faults that are armed, whatever they are meant for. */
  armed(ids?: readonly FaultId[]): ResolvedFault[] {
    return this.#entries.filter(({ armed, fault }) => armed && fits(fault, ids)).map(({ fault }) => fault);
  }

  /** Chooses the faults for one request. Each is counted as matched, and waits to be fired or bypassed. */
  choose<Id extends FaultId>(ids: readonly Id[], opportunity: FaultOpportunity): FaultHit<Id>[] {
    const hits: FaultHit<Id>[] = [];
    for (const entry of this.#entries) {
      if (!entry.armed || !fits(entry.fault, ids) || !isMeant(entry.fault, opportunity)) continue;
      entry.seen++;
      const draw = this.#draw(entry, opportunity);
      if (isChosen(entry, draw)) hits.push(this.#hit<Id>(entry, { draw, opportunity }));
      else entry.passedOver++;
    }
    return hits;
  }

  accounts(): FaultAccount[] {
    return this.#entries.map(({ key, fault, matched, fired, passedOver, bypassed }) => {
      const { id, mayNotFire } = fault;
      return { key, id, mayNotFire, matched, fired, bypassed: Object.fromEntries(bypassed), passedOver };
    });
  }

  /** A pure function of seed, fault and request, so that one more fault moves no other draw. */
  #draw({ key, seen }: Entry, { jobId }: FaultOpportunity): number {
    const named = combine(hashText(key), this.#seed);
    return toUnit(combine(named, jobId === undefined ? seen : hashText(jobId)));
  }

  #hit<Id extends FaultId>(entry: Entry, { draw, opportunity }: { draw: number; opportunity: FaultOpportunity }) {
    entry.matched++;
    entry.pending++;
    let state: FaultHit["state"] = "pending";
    const settle = (outcome: "fired" | "bypassed", count: () => void) => {
      if (state !== "pending") return;
      state = outcome;
      entry.pending--;
      count();
    };
    const hit: FaultHit<Id> = {
      key: entry.key,
      fault: entry.fault as ResolvedFault<Id>,
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
    return hit;
  }
}

function fits(fault: ResolvedFault, ids: readonly FaultId[] | undefined): boolean {
  return ids === undefined || ids.includes(fault.id);
}

function isMeant({ match }: ResolvedFault, { jobId, path }: FaultOpportunity): boolean {
  if (match.jobId !== undefined && (jobId === undefined || !matchesPattern(match.jobId, jobId))) return false;
  return path === undefined || matchesPattern(match.path ?? "/execute", path);
}

function isChosen({ fault, seen, fired, pending }: Entry, draw: number): boolean {
  const { when, times } = fault;
  if (times !== undefined && fired + pending >= times) return false;
  if (when === "always") return true;
  if ("nth" in when) return seen === when.nth;
  if ("first" in when) return seen <= when.first;
  return "every" in when ? seen % when.every === 0 : draw < when.p;
}

/** `*` stands for any text. */
function matchesPattern(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const source = pattern.split("*").map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "su").test(text);
}

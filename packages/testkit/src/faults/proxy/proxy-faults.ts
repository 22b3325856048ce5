import type { FaultLedger } from "worker-orcd-control";
import { definitionOf, parseFaults, type FaultAccount, type FaultSpec, type ResolvedFault } from "worker-orcd-control";
import { checkOption, InvalidOptionError } from "../../errors/index.js";
import { checkKeys, createStopped } from "../../injection/index.js";
import { assertAllFired, createFaultRefusal } from "../accounting.js";
import type { ProxyFaultId } from "./fault-ids.js";

export type { ProxyFaultId } from "./fault-ids.js";

/** Faults that were armed together. */
export interface FaultHandle {
  /** Under which they are in the accounts. */
  readonly keys: readonly string[];
}

/** The listener, as far as `refuse` is concerned. */
export interface Port {
  /** Nothing listens any more. */
  readonly close: () => void;
  /** Listens again. */
  readonly open: () => void;
}

/** The faults of a proxy: which are armed, and what became of them. */
export class ProxyFaults {
  readonly #ledger: FaultLedger;
  readonly #port: Port;
  /** The faults that keep the port closed, with the timers that end them. */
  readonly #refusing = new Map<string, NodeJS.Timeout | undefined>();

  #isClosed = false;

  /** @internal */
  constructor(ledger: FaultLedger, port: Port) {
    this.#ledger = ledger;
    this.#port = port;
  }

  /**
   * Arms faults for the requests and connections from now on; answers that run are left alone. All or nothing.
   *
   * Faults of the group `connection` are decided before a request is read, so they take no `match`. A connection that was kept from an
   * earlier request gets them when its next request comes. `refuse` resets the connections that no request is running on.
   *
   * @throws {INVALID_OPTION} unknown id or parameter, a fault that a proxy cannot provide, a value out of range; a proxy that was stopped.
   * @example const handle = proxy.faults.arm([{ id: "rst", at: { afterTokens: 3 }, when: { nth: 2 } }]);
   */
  arm(faults: readonly FaultSpec<ProxyFaultId>[]): FaultHandle {
    if (this.#isClosed) throw createStopped("a proxy");
    const resolved = parse(faults);
    const keys = this.#ledger.arm(resolved);
    if (resolved.some(({ id }) => id === "refuse")) this.#refuse(keys);
    return { keys };
  }

  /**
   * Disarms these faults, or all. Answers that run keep theirs, and the accounts stay: who never fired still counts as such.
   *
   * @throws {INVALID_OPTION} something else than what {@link arm} gave.
   */
  disarm(handle?: FaultHandle): void {
    if (handle !== undefined) this.#checkHandle(handle);
    this.#ledger.disarm(handle?.keys);
    for (const key of handle?.keys ?? [...this.#refusing.keys()]) this.#endRefusing(key);
  }

  /** @internal The proxy is stopped: nothing can happen any more. */
  close(): void {
    this.#isClosed = true;
    this.disarm();
  }

  /** What became of every fault that was ever armed here. */
  accounts(): readonly FaultAccount[] {
    return this.#ledger.accounts();
  }

  /**
   * Fails unless every fault has happened, except those with `mayNotFire`. `proxy.stop()` does the same.
   *
   * @throws {FAULT_NEVER_FIRED} with the reason for each.
   */
  assertAllFired(): void {
    assertAllFired(this.accounts(), "the proxy");
  }

  #checkHandle(handle: unknown): void {
    checkOption(typeof handle === "object" && handle !== null, "handle", {
      wanted: "what `arm()` gave",
      value: handle,
    });
    checkKeys(
      (handle as Partial<FaultHandle>).keys,
      this.accounts().map(({ key }) => key),
    );
  }

  #refuse(keys: readonly string[]): void {
    for (const hit of this.#ledger.choose(["refuse"], {})) {
      if (!keys.includes(hit.key)) {
        hit.bypass("the port was refused already");
        continue;
      }
      this.#port.close();
      hit.fire();
      const { forMs } = hit.fault.params;
      const timer = forMs === undefined ? undefined : setTimeout(() => this.#endRefusing(hit.key), forMs);
      this.#refusing.set(hit.key, timer);
    }
  }

  #endRefusing(key: string): void {
    clearTimeout(this.#refusing.get(key));
    if (this.#refusing.delete(key) && this.#refusing.size === 0) this.#port.open();
  }
}

/** @throws {INVALID_OPTION} */
function parse(faults: readonly FaultSpec<ProxyFaultId>[]): ResolvedFault[] {
  const resolved = parseProxyFaults(faults);
  for (const [index, { id, match }] of resolved.entries()) {
    if (definitionOf(id).group !== "connection" || (match.jobId ?? match.path) === undefined) continue;
    const message = `Expected \`faults[${index}].match\` to be left out: \`${id}\` is decided before a request is read`;
    throw new InvalidOptionError({ message });
  }
  return resolved;
}

function parseProxyFaults(faults: unknown): ResolvedFault[] {
  try {
    return parseFaults(faults, "proxy");
  } catch (cause) {
    throw createFaultRefusal(cause);
  }
}

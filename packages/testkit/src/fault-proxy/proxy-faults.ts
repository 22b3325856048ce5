import type { FaultLedger } from "worker-orcd-control";
import { definitionOf, parseFaults, type FaultAccount, type FaultSpec, type ResolvedFault } from "worker-orcd-control";
import { InvalidOptionError } from "../errors/index.js";
import { assertAllFired, checkKeys, createStopped } from "../faults/index.js";
import { PORT_FAULT_IDS, type ProxyFaultId } from "./fault-ids.js";

export type { ProxyFaultId } from "./fault-ids.js";

/** What `refuse` needs from the listener. */
export interface Port {
  /** Stops listening. */
  readonly close: () => void;
  /** Starts listening again. */
  readonly open: () => void;
}

/** The faults of a proxy: which are armed, and what happened to them. */
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
   * Arms faults for new requests and connections; running answers are not affected. All or nothing: if one is invalid, none is armed.
   *
   * Faults of the group `connection` are chosen before a request is read, so they take no `match`. On a kept-alive connection they apply
   * with its next request. `refuse` resets the connections without a running request.
   *
   * @returns one key per fault, in order, as in {@link accounts}.
   * @throws {INVALID_OPTION} an unknown id or parameter, a fault that a proxy cannot provide, a value out of range; a stopped proxy.
   * @example const [key] = proxy.faults.arm([{ id: "rst", at: { afterTokens: 3 }, when: { nth: 2 } }]);
   */
  arm(faults: readonly FaultSpec<ProxyFaultId>[]): string[] {
    if (this.#isClosed) throw createStopped("a proxy");
    const resolved = parseProxyFaults(faults);
    const keys = this.#ledger.arm(resolved);
    if (resolved.some(({ id }) => id === "refuse")) this.#refuse(keys);
    return keys;
  }

  /**
   * Disarms the faults with these keys. Running answers keep theirs, and the records are kept: a fault that never fired still counts as
   * such.
   *
   * @throws {INVALID_OPTION} a key that no fault ever had.
   */
  disarm(keys: readonly string[]): void {
    checkKeys(
      keys,
      this.accounts().map(({ key }) => key),
    );
    this.#ledger.disarm(keys);
    for (const key of keys) this.#endRefusing(key);
  }

  /** Disarms every fault; see {@link disarm}. */
  clear(): void {
    this.#ledger.disarm();
    for (const key of [...this.#refusing.keys()]) this.#endRefusing(key);
  }

  /** @internal The proxy is stopped: no more faults can happen. */
  close(): void {
    this.#isClosed = true;
    this.clear();
  }

  /** The record of every fault that was ever armed here. */
  accounts(): readonly FaultAccount[] {
    return this.#ledger.accounts();
  }

  /**
   * Fails unless every fault that is not `optional` has fired. `proxy.stop()` does the same.
   *
   * @throws {FAULT_NEVER_FIRED} with the reason for each.
   */
  assertAllFired(): void {
    assertAllFired(this.accounts(), "the proxy");
  }

  #refuse(keys: readonly string[]): void {
    for (const hit of this.#ledger.choose(PORT_FAULT_IDS, {})) {
      if (!keys.includes(hit.key)) {
        hit.bypass("the port was already refused");
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

/** @throws {INVALID_OPTION} naming the fault that a proxy cannot provide, or its invalid value. */
export function parseProxyFaults(faults: readonly FaultSpec<ProxyFaultId>[]): ResolvedFault[] {
  const resolved = parse(faults);
  for (const [index, { id, match }] of resolved.entries()) {
    if (definitionOf(id).group !== "connection" || (match.jobId ?? match.path) === undefined) continue;
    const message = `Expected \`faults[${index}].match\` to be left out: \`${id}\` is chosen before a request is read`;
    throw new InvalidOptionError({ message });
  }
  return resolved;
}

function parse(faults: unknown): ResolvedFault[] {
  try {
    return parseFaults(faults, "proxy");
  } catch (cause) {
    throw new InvalidOptionError({ message: (cause as Error).message });
  }
}

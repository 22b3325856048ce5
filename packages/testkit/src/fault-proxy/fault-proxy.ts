import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { FaultLedger, type FaultSpec } from "worker-orcd-control";
import { NO_HEADERS, serverHeaders, type HeaderSource } from "../client/index.js";
import { dialectOption, type Dialect } from "../dialects/index.js";
import { streamTimeouts } from "../events/index.js";
import {
  allowedFindings,
  announceExplainer,
  explainByFaults,
  findExplainer,
  type FindingCode,
} from "../findings/index.js";
import { cleanUpAfter } from "../launch/index.js";
import { recognizeServerAt, WorkerTestHarness } from "../harness/index.js";
import {
  checkedBy,
  defineOptions,
  integer,
  resolveOptions,
  text,
  withDefault,
  type OptionsOf,
} from "../options/index.js";
import { CONNECTION_FAULT_IDS, treatConnection } from "./connection-faults.js";
import { Exchange } from "./exchange.js";
import { ExchangeLog } from "./exchange-log.js";
import type { ProxyFaultId } from "./fault-ids.js";
import { Front } from "./front.js";
import { parseProxyFaults, ProxyFaults } from "./proxy-faults.js";
import { ProxyJournal } from "./proxy-journal.js";
import { resolveTarget, type ProxyTarget, type TargetAddress } from "./target.js";
import { Upstream } from "./upstream.js";

const FAULT_PROXY_OPTIONS = defineOptions({
  /** Armed from the start. @default none */
  faults: withDefault(
    checkedBy((_name, faults: readonly FaultSpec<ProxyFaultId>[]) => {
      parseProxyFaults(faults);
      return faults;
    }),
    [],
  ),
  /** Seed of probabilities and jitter, 0 to 4294967295. @default 0 */
  seed: withDefault(integer([0, 2 ** 32 - 1]), 0),
  /** Time-outs for the calls and streams of {@link FaultProxy.worker}. */
  timeouts: streamTimeouts(),
  /** The dialect of the worker: a name, or an object. @default that of a harness, or what its answers to a few questions show */
  dialect: dialectOption(),
  /** The model that requests of {@link FaultProxy.worker} name. @default that of a harness, or the first one that the server lists */
  model: text({ filled: true }),
  /** Findings of {@link FaultProxy.worker} that do not fail `stop()`; the faults of the proxy need no entry. @default those of a harness, or none */
  allow: allowedFindings(),
  /** Sent with every request of {@link FaultProxy.worker}; other clients send their own. @default those of a harness, or none */
  headers: serverHeaders(),
});

/** Options of a proxy. */
export interface FaultProxyOptions extends OptionsOf<typeof FAULT_PROXY_OPTIONS> {}

/** What a harness knows of its worker. */
interface KnownTarget {
  readonly dialect?: Dialect;
  readonly model?: string | undefined;
  readonly headers?: HeaderSource | undefined;
  readonly allow?: readonly FindingCode[] | undefined;
}

/** The state of a client's connection. */
interface Connection {
  readonly number: number;
  requestCount: number;
  runningCount: number;
}

/**
 * A proxy in front of a worker that breaks the connection, the answer or the stream on purpose. Without a fault it forwards everything at
 * once, with back-pressure in both directions. The client's connection mirrors the worker's: it is reset if the worker cannot be reached,
 * and closed or reset when the worker closes or resets its own.
 *
 * @example
 * await using proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "rst", at: { afterTokens: 3 } }] });
 * const { outcome } = await collectStream(await proxy.worker.execute(makeTestRequest("job-1", "Hello", 10)));
 */
export class FaultProxy implements AsyncDisposable {
  readonly faults: ProxyFaults;
  /** What was sent to each client, and when. */
  readonly journal = new ProxyJournal();
  readonly #dialect: Dialect;
  readonly #ledger: FaultLedger;
  readonly #upstream: Upstream;
  readonly #front: Front;
  readonly #connections = new Map<Socket, Connection>();
  readonly #exchanges = new Set<Promise<void>>();
  #connectionCount = 0;
  #requestCount = 0;
  #worker: WorkerTestHarness | undefined;
  #withdraw: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(target: TargetAddress, { seed, dialect }: { readonly seed: number; readonly dialect: Dialect }) {
    this.#dialect = dialect;
    this.#ledger = new FaultLedger(seed);
    this.#upstream = new Upstream(target);
    this.#front = new Front({
      onConnection: (socket) => this.#accept(socket),
      onRequest: (response) => this.#serve(response),
    });
    this.faults = new ProxyFaults(this.#ledger, {
      close: () => this.#front.refuse((socket) => (this.#connections.get(socket)?.runningCount ?? 0) > 0),
      open: () => this.#front.listen(),
    });
  }

  /**
   * Starts a proxy on a free port of 127.0.0.1, and attaches {@link FaultProxy.worker} through it. The caller still owns the worker.
   *
   * @param worker a harness, or anything with a `baseUrl`, or the address of a running worker.
   * @throws {INVALID_OPTION} not a plain HTTP address, or a fault that is rejected, see {@link ProxyFaults.arm}.
   * @throws {CONNECT_FAILED} the worker cannot be reached.
   * @throws {INVALID_RESPONSE} no answer shows what the server speaks, and neither `dialect` nor a harness says it.
   */
  static async inFrontOf(worker: ProxyTarget, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const { faults, seed, timeouts, ...given } = resolveOptions(FAULT_PROXY_OPTIONS, options);
    const known = Object(worker) as KnownTarget; // an invalid target is refused below
    const target = resolveTarget(worker);
    const url = typeof worker === "string" ? worker : worker.baseUrl;
    // Asked directly: the journal of the proxy has only what a test sends.
    const headers = given.headers === NO_HEADERS ? known.headers : given.headers;
    const dialect = given.dialect ?? known.dialect ?? (await recognizeServerAt(url, { timeouts, headers })).dialect;
    const model = given.model ?? known.model;
    const allow = given.allow ?? known.allow;
    const proxy = new FaultProxy(target, { seed, dialect });
    try {
      await proxy.#front.start();
      proxy.#announce(url);
      proxy.#worker = await WorkerTestHarness.attach(proxy.baseUrl, { timeouts, dialect, model, headers, allow });
      proxy.faults.arm(faults);
      return proxy;
    } catch (error) {
      await proxy.#close();
      throw error;
    }
  }

  get port(): number {
    return this.#front.port;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A harness that reaches the worker through the proxy. It is attached: it has no process and no logs. */
  get worker(): WorkerTestHarness {
    return this.#worker as WorkerTestHarness;
  }

  /**
   * Closes every connection and stops listening. Idempotent.
   *
   * @throws {FINDINGS_NOT_ALLOWED} the worker misbehaved as seen through the proxy, and neither `allow` nor a fault explains it.
   * @throws {FAULT_NEVER_FIRED} an armed fault that is not `optional` never fired.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopOnce();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stopOnce(): Promise<void> {
    try {
      await this.#close();
    } catch (error) {
      throw await cleanUpAfter(error, () => Promise.resolve().then(() => this.faults.assertAllFired()));
    }
    this.faults.assertAllFired();
  }

  /** Findings about what arrives through the proxy are explained by its faults, or by those of the worker behind it. */
  #announce(targetUrl: string): void {
    const behind = findExplainer(targetUrl);
    this.#withdraw = announceExplainer(this.baseUrl, (finding) => {
      return explainByFaults(finding, this.#ledger.accounts()) ?? behind?.(finding);
    });
  }

  /** @throws what the stop of the attached harness throws, when everything is closed. */
  async #close(): Promise<void> {
    this.faults.close();
    const results = await Promise.allSettled([this.#worker?.stop(), this.#front.close()]);
    await Promise.all(this.#exchanges);
    this.#upstream.close();
    this.#withdraw?.();
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  #accept(socket: Socket): boolean {
    const connection = { number: ++this.#connectionCount, requestCount: 0, runningCount: 0 };
    this.#connections.set(socket, connection);
    this.journal.note({ connection: connection.number, kind: "connected" });
    socket.once("close", () => {
      this.#connections.delete(socket);
      this.journal.note({ connection: connection.number, kind: "disconnected" });
    });
    return this.#treat(socket, connection);
  }

  #serve(response: ServerResponse): void {
    const { socket } = response.req;
    const connection = this.#connections.get(socket);
    if (connection === undefined) return; // closed at this moment
    connection.requestCount += 1;
    if (connection.requestCount > 1 && this.#treat(socket, connection)) return;
    const numbers = { connection: connection.number, request: ++this.#requestCount };
    const services = { upstream: this.#upstream, ledger: this.#ledger, dialect: this.#dialect };
    connection.runningCount += 1;
    const running = new Exchange(response, services, new ExchangeLog(this.journal, numbers)).run().finally(() => {
      connection.runningCount -= 1;
      if (this.#front.isRefusing) socket.destroySoon(); // a kept-alive connection would bypass the refusal
      this.#exchanges.delete(running);
    });
    this.#exchanges.add(running);
  }

  /** Performs a connection fault, if one was chosen for this connection. */
  #treat(socket: Socket, connection: Connection): boolean {
    const [hit, ...others] = this.#ledger.choose(CONNECTION_FAULT_IDS, {});
    for (const other of others) other.bypass(`\`${hit?.key}\` took the connection`);
    if (hit === undefined) return false;
    const fire = () => {
      this.journal.note({ connection: connection.number, kind: "fired", key: hit.key });
      hit.fire();
    };
    treatConnection(socket, { ...hit, fire }, connection.requestCount > 0);
    return true;
  }
}

import type { IncomingMessage } from "node:http";
import { hostname } from "node:os";
import { WorkerError } from "inference-worker-protocol";
import { findBareHost, findHost, isAddress, isLoopback, isUnspecified } from "./hosts.js";
import { findOrigin, isSameOrigin } from "./origins.js";

const ANY = "*";
/** Longest piece of a header in a message. */
const SHOWN_CHARACTERS = 80;
/** Values that browsers send for requests not made by a page of another origin. */
const OWN_SITES = new Set([undefined, "same-origin", "none"]);

/** Who may use a listener. */
export interface AccessOptions {
  /** The address the listener is bound to. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** `--allow-host`: names and addresses besides those of the listener; `*` for all. */
  readonly allowHosts?: readonly string[] | undefined;
  /** `--allow-origin`: origins of web pages; `*` for all. */
  readonly allowOrigins?: readonly string[] | undefined;
}

/**
 * Keeps web pages out. Browsers let any page send requests to loopback; such requests are recognized by their `Origin`. With DNS
 * rebinding, a page can appear to be same-origin; that is recognized by the `Host`.
 */
export class AccessRules {
  readonly #hosts: ReadonlySet<string | undefined>;
  readonly #origins: ReadonlySet<string | undefined>;
  readonly #takesEveryAddress: boolean;

  constructor({ host = "127.0.0.1", allowHosts = [], allowOrigins = [] }: AccessOptions = {}) {
    const bound = findBareHost(host) ?? host;
    const own = isLoopback(bound) ? [bound] : [bound, findBareHost(hostname())];
    this.#hosts = new Set([...own, ...allowHosts.map((name) => findBareHost(name) ?? name)]);
    this.#origins = new Set(allowOrigins.map((origin) => findOrigin(origin) ?? origin));
    this.#takesEveryAddress = isUnspecified(bound);
  }

  /**
   * Checks where a request comes from.
   *
   * @returns the origin of the page that sent it, if `--allow-origin` allows it.
   * @throws {WorkerError} FORBIDDEN; INVALID_REQUEST for HTTP/1.1 without exactly one `Host` (RFC 9112, 3.2).
   */
  check(request: IncomingMessage): string | undefined {
    for (const authority of authoritiesOf(request)) {
      if (!this.#allowsHost(authority, request.socket.localAddress)) throw refuseHost(authority);
    }
    return this.#checkOrigin(request);
  }

  /** The port is ignored: it may be mapped, and reveals nothing about the client. */
  #allowsHost(authority: string, localAddress = ""): boolean {
    if (this.#hosts.has(ANY)) return true;
    const host = findHost(authority);
    if (host === undefined) return false;
    if (isLoopback(host) || this.#hosts.has(host)) return true;
    return isAddress(host) && (this.#takesEveryAddress || host === findBareHost(localAddress));
  }

  #checkOrigin(request: IncomingMessage): string | undefined {
    const { origin: given, host = "" } = request.headers;
    if (given === undefined) {
      if (isFromOtherPage(request) && !this.#origins.has(ANY)) throw refuseOrigin(undefined);
      return undefined;
    }
    if (this.#origins.has(ANY) || this.#origins.has(findOrigin(given) ?? "")) return given;
    if (isSameOrigin(given, host)) return undefined;
    throw refuseOrigin(given);
  }
}

/** `Host`, and the host of an absolute-form target, which takes precedence (RFC 9112, 3.2.2): both must be allowed. */
function authoritiesOf(request: IncomingMessage): string[] {
  const hosts = request.headersDistinct["host"] ?? [];
  const isOld = request.httpVersion === "1.0"; // health checks of load balancers; browsers do not use it
  if (hosts.length > 1 || (hosts.length === 0 && !isOld)) {
    throw new WorkerError(
      "INVALID_REQUEST",
      `expected one Host header, got ${hosts.length === 0 ? "none" : "several"}`,
    );
  }
  const target = /^\w+:\/\/([^/?#]*)/.exec(request.url ?? "")?.[1];
  return target === undefined ? hosts : [...hosts, target];
}

/** Images, scripts and `no-cors` reads have no `Origin`; a link that a person follows is allowed. */
function isFromOtherPage({ headers, method }: IncomingMessage): boolean {
  if (OWN_SITES.has(headers["sec-fetch-site"])) return false;
  return !(method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document");
}

function refuseHost(authority: string): WorkerError {
  const host = findHost(authority);
  const wanted = `\`--allow-host ${host === undefined ? "<name>" : show(host)}\``;
  const reason = `the Host \`${show(authority)}\` is not a name or address of this worker`;
  return new WorkerError("FORBIDDEN", `${reason}; start it with ${wanted} if it should be`);
}

function refuseOrigin(origin: string | undefined): WorkerError {
  const [who, wanted] =
    origin === undefined ? ["another origin", "<origin>"] : [`the origin \`${show(origin)}\``, show(origin)];
  const way = `start it with \`--allow-origin ${wanted}\` if they should`;
  return new WorkerError("FORBIDDEN", `web pages of ${who} may not use this worker; ${way}`);
}

function show(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

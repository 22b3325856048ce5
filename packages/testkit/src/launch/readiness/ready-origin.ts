import { BlockList, isIP } from "node:net";
import type { ReadyLine } from "inference-worker-protocol";
import { InvalidResponseError } from "../../errors/index.js";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");
LOOPBACK.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

/** Where a worker was started, and the line it printed. */
export interface AnnouncedReady {
  readonly ready: ReadyLine;
  /** The line as it was printed. */
  readonly line: string;
  /** The host that the worker was launched on. */
  readonly host: string;
  readonly pid: number;
}

/**
 * A worker's output must not send requests to another machine: the ready line may name loopback, all addresses, or the host that the
 * worker was launched on.
 *
 * @returns the host to connect to.
 * @throws {INVALID_RESPONSE} with the line and the value.
 */
export function resolveReadyHost(announced: AnnouncedReady): string {
  const { ready, host } = announced;
  const connectHost = resolveConnectHost(ready.host);
  if (isAllowed(connectHost, host)) return connectHost;
  throw refuse(announced, "host", ready.host);
}

/**
 * The same for the address of the control listener, which must be HTTP with a port.
 *
 * @throws {INVALID_RESPONSE} with the line and the value.
 */
export function validateControlUrl(announced: AnnouncedReady): void {
  const { ready, host } = announced;
  const { control_url: text } = ready;
  if (text === undefined) return;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAccepted = url?.protocol === "http:" && url.port !== "" && isAllowed(withoutBrackets(url.hostname), host);
  if (!isAccepted) throw refuse(announced, "control_url", text);
}

function isAllowed(named: string, launched: string): boolean {
  const name = named.toLowerCase();
  return name === "localhost" || name === resolveConnectHost(launched).toLowerCase() || isLoopback(name);
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? "ipv4" : "ipv6");
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** A worker that listens on all addresses is reached over loopback. */
function resolveConnectHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function refuse(
  { line, host, pid }: AnnouncedReady,
  field: "host" | "control_url",
  value: string,
): InvalidResponseError {
  const allowed = host === "127.0.0.1" ? host : `${host} or 127.0.0.1`;
  const expected =
    field === "host" ? allowed : `http://127.0.0.1:<port>${host === "127.0.0.1" ? "" : ` or http://${host}:<port>`}`;
  return new InvalidResponseError({
    message: `Expected \`${field}\` of the ready line to be ${expected}, got ${JSON.stringify(value)}`,
    hint: "The worker's output does not decide where requests go. Print the address that `{host}` stands for; set `host` to launch the worker on another one.",
    details: { pid, readyLine: line },
  });
}

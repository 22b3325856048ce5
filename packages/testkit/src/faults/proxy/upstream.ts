import { Agent, request, type ClientRequest, type IncomingMessage } from "node:http";
import { withoutHeaders } from "./headers.js";
import type { TargetAddress } from "./target.js";

/** Status line and headers of the worker's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly statusText: string;
  /** Names and values in turn, as they came, without those that belong to one connection. */
  readonly headers: readonly string[];
}

/** How the connection to the worker broke, so that the client's can break in the same way. */
export interface UpstreamBreak {
  readonly how: "fin" | "rst" | "bad-chunk";
  /** What the worker sent instead of HTTP. */
  readonly rawBytes?: Buffer | undefined;
}

/** Belong to one connection, not to the message (RFC 9110, 7.6.1). */
const CONNECTION_HEADERS = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];
/** Workers close idle connections after some seconds; one that is just being closed must not be used again. */
const IDLE_CONNECTION_MS = 1_000;
export const MOST_HEADER_BYTES = 1024 * 1024;

/** The connections to the worker: as many as there are requests, kept for the next one. */
export class Upstream {
  readonly #target: TargetAddress;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, timeout: IDLE_CONNECTION_MS });

  constructor(target: TargetAddress) {
    this.#target = target;
  }

  /** Begins a request like the client's; its body is for the caller to send. */
  open(incoming: IncomingMessage): ClientRequest {
    const { method, url: path, rawHeaders } = incoming;
    const headers = withoutHeaders(rawHeaders, CONNECTION_HEADERS);
    const isChunked = incoming.headers["transfer-encoding"] !== undefined;
    if (isChunked) headers.push("Transfer-Encoding", "chunked");
    return request({
      ...this.#target,
      method,
      path,
      headers: headers as unknown as Record<string, string>, // Node takes the list, its types do not know
      agent: this.#agent,
      maxHeaderSize: MOST_HEADER_BYTES,
      setHost: false,
    });
  }

  /** Ends every connection. */
  close(): void {
    this.#agent.destroy();
  }
}

export function headOf(answer: IncomingMessage): AnswerHead {
  const { statusCode = 502, statusMessage = "", rawHeaders } = answer;
  return { status: statusCode, statusText: statusMessage, headers: withoutHeaders(rawHeaders, CONNECTION_HEADERS) };
}

/** What an error of the connection to the worker means for the client's. */
export function toBreak(error: unknown): UpstreamBreak {
  const { code = "", rawPacket } = error as { code?: string; rawPacket?: Buffer };
  if (code.startsWith("HPE_")) return { how: "bad-chunk", rawBytes: rawPacket };
  const message = (error as Error).message;
  return { how: message === "socket hang up" || message === "aborted" ? "fin" : "rst" };
}

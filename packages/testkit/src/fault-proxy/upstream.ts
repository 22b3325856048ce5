import { Agent, request, type ClientRequest, type IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { probeEnds } from "../client/index.js";
import { CONNECTION_HEADERS } from "./answer.js";
import { withoutHeaders } from "./headers.js";
import type { TargetAddress } from "./target.js";

/** How the connection to the worker broke, so that the client's connection can break in the same way. */
export interface UpstreamBreak {
  readonly how: "fin" | "rst" | "bad-chunk";
  /** What the worker sent instead of HTTP. */
  readonly rawBytes?: Buffer | undefined;
}

/** Workers close idle connections after a few seconds; one that is being closed must not be reused. */
const IDLE_CONNECTION_MS = 1_000;
export const MOST_HEADER_BYTES = 1024 * 1024;

/** Its sockets report a reset that arrives together with the last bytes as a reset, not as an end. */
class ProbingAgent extends Agent {
  override createConnection(...args: Parameters<Agent["createConnection"]>): ReturnType<Agent["createConnection"]> {
    const socket = super.createConnection(...args);
    if (socket instanceof Socket) probeEnds(socket);
    return socket;
  }
}

/** The connections to the worker: as many as there are requests, kept alive for later ones. */
export class Upstream {
  readonly #target: TargetAddress;
  readonly #agent = new ProbingAgent({ keepAlive: true, maxSockets: Infinity, timeout: IDLE_CONNECTION_MS });

  constructor(target: TargetAddress) {
    this.#target = target;
  }

  /** Starts a request like the client's; the caller sends the body. */
  open(incoming: IncomingMessage): ClientRequest {
    const { method, url: path, rawHeaders } = incoming;
    const headers = withoutHeaders(rawHeaders, CONNECTION_HEADERS);
    const isChunked = incoming.headers["transfer-encoding"] !== undefined;
    if (isChunked) headers.push("Transfer-Encoding", "chunked");
    return request({
      ...this.#target,
      method,
      path,
      headers: headers as unknown as Record<string, string>, // Node accepts a list; its types do not say so
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

/** What an error of the worker's connection means for the client's. */
export function toBreak(error: unknown): UpstreamBreak {
  const { code = "", rawPacket } = error as { code?: string; rawPacket?: Buffer };
  if (code.startsWith("HPE_")) return { how: "bad-chunk", rawBytes: rawPacket };
  const message = (error as Error).message;
  return { how: message === "socket hang up" || message === "aborted" ? "fin" : "rst" };
}

import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { CreateMutation } from "./mutation.js";
import { readBody, withBody } from "./change-body.js";

const THREADS = 64;
const LARGEST_HEADERS_BYTES = 64 * 1024 * 1024;
/** As `/etc/passwd` has it; the file itself is not read. */
const PASSWD = "root:x:0:0:root:/root:/bin/sh\n";

/** The server that a connection belongs to; Node does not declare it. */
function serverOf(socket: Socket): Server | undefined {
  return (socket as Socket & { readonly server?: Server }).server;
}

function countConnections(server: Server | undefined): Promise<number> {
  return new Promise((resolve) => {
    if (server === undefined) resolve(0);
    else server.getConnections((_, count) => resolve(count));
  });
}

/** The defects of who may use the worker, and of hostile requests. */
export const ACCESS_MUTATIONS = {
  "security.binds-everything": () => ({ listener: { host: "0.0.0.0" } }),
  "security.takes-every-host": () => ({ listener: { allowHosts: ["*"], allowOrigins: ["*"] } }),
  "security.grants-every-origin": () => ({ listener: { allowOrigins: ["*"] } }),
  "security.takes-jobs-as-text": () => ({
    listener: { allowOrigins: ["*"] },
    intercept: (call, next) => {
      call.request.headers["content-type"] = "application/json";
      return next(call);
    },
  }),
  "security.lenient-parser": () => ({ listener: { parser: { insecureHTTPParser: true } } }),
  "security.unlimited-headers": () => ({ listener: { parser: { maxHeaderSize: LARGEST_HEADERS_BYTES } } }),
  "security.one-thread-for-each-connection": () => ({
    intercept: async (call, next) => {
      const server = serverOf(call.request.socket);
      while (!call.response.destroyed && (await countConnections(server)) > THREADS) await delay(50);
      if (!call.response.destroyed) await next(call);
    },
  }),
  "security.serves-files": () => ({
    intercept: async (call, next) => {
      if (!/\.\..*etc.passwd/.test(decodeURIComponent(call.request.url ?? ""))) return next(call);
      call.response.writeHead(200, { "content-type": "text/plain" }).end(PASSWD);
    },
  }),
  "security.reflects-the-path": () => ({
    intercept: async (call, next) => {
      if (call.request.url?.includes("<") !== true) return next(call);
      call.response.writeHead(404, { "content-type": "text/html" }).end(`There is no ${call.request.url}`);
    },
  }),
  "security.logs-requests": () => ({
    intercept: async (call, next) => {
      if (call.request.method !== "POST") return next(call);
      const { bytes } = await readBody(call.request);
      process.stdout.write(`${JSON.stringify({ event: "request", body: bytes.toString("utf8") })}\n`);
      await next({ ...call, request: withBody(call.request, bytes) });
    },
  }),
} as const satisfies Readonly<Record<string, CreateMutation>>;

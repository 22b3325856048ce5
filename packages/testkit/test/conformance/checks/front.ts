import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { CATALOGUE } from "../../../src/conformance/catalogue.js";
import { runSuite } from "../../../src/conformance/run/run-conformance.js";
import type { ServerSource } from "../../../src/conformance/server/server-source.js";
import { WorkerTestHarness, type MockWorkerOptions } from "../../../src/harness/index.js";
import type { DialectName } from "../../../src/dialects/index.js";

const STUB: MockWorkerOptions = {
  parallel: 4,
  maxQueue: 16, // a hundred jobs at once are too many, however fast the machine is
  stub: { content: "instructions", timing: { ttftMs: 4, itlMs: 2 } },
};

/** What a front does with a request; `pass` sends it to the healthy server behind it. */
export type Defect = (
  request: IncomingMessage,
  response: ServerResponse,
  pass: (options?: PassOptions) => void,
) => void;

export interface PassOptions {
  /** Replaces the path. */
  readonly path?: string;
  /** Changes the body of the request. */
  readonly body?: (text: string) => string;
  /** Changes every piece of the answer. */
  readonly answer?: (text: string) => string;
  /** Changes the headers of the answer. */
  readonly headers?: (headers: Record<string, string | string[] | undefined>, status: number) => object;
  readonly status?: (status: number) => number;
  /** Goes on with the job when the client has left. */
  readonly ignoresLeaving?: boolean;
}

/** Runs one check on a healthy server with a front that has one defect. */
export async function runOnFront(id: string, defect: Defect, dialect: DialectName = "openai-chat") {
  const stub = await WorkerTestHarness.startMock(STUB);
  const front = createServer((request, response) => {
    defect(request, response, (options = {}) => pass({ request, response, base: stub.baseUrl }, options));
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    front.closeAllConnections();
    front.close();
    await stub.stop();
  });
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const harness = await WorkerTestHarness.attach(url, { dialect });
  onTestFinished(async () => {
    await harness.stop();
  });
  return runOne(id, { kind: "running", harness }, dialect);
}

/** Runs one check on a server. */
export async function runOne(id: string, source: ServerSource, dialect?: DialectName) {
  const chosen = CATALOGUE.filter((check) => check.id === id);
  if (chosen.length !== 1) throw new Error(`There is no check ${id}`);
  const report = await runSuite(source, { level: "full", dialect, budgetFactor: 3, profile: { slots: 4 } }, chosen);
  const [result] = report.checks;
  if (result === undefined) throw new Error("The check did not run");
  return result;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly base: string;
}

function pass({ request, response, base }: Exchange, options: PassOptions): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(chunks).toString("utf8");
    const body = options.body?.(text) ?? text;
    const { "content-length": _, "transfer-encoding": __, origin: ___, ...headers } = request.headers;
    const target = new URL(options.path ?? request.url ?? "/", base);
    const own = { ...headers, host: target.host, "content-length": String(Buffer.byteLength(body)) };
    const upstream = send(target, { method: request.method, headers: own }, (answer) => {
      const { "content-length": length, ...given } = answer.headers;
      const kept =
        options.answer === undefined && length !== undefined ? { ...given, "content-length": length } : given;
      const status = answer.statusCode ?? 500;
      response.writeHead(options.status?.(status) ?? status, (options.headers?.(kept, status) ?? kept) as never);
      answer.setEncoding("utf8");
      answer.on("data", (piece: string) => response.write(options.answer?.(piece) ?? piece));
      answer.on("end", () => response.end());
      answer.on("error", () => response.destroy());
    });
    upstream.on("error", () => response.destroy());
    if (options.ignoresLeaving !== true) response.on("close", () => upstream.destroy());
    upstream.end(body);
  });
}

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseConformanceReport } from "../../src/conformance/report/parse-report.js";
import { runCli } from "../cli/run-cli.js";

const LONGEST_MS = 300_000;
const json = (status: number, body: object): RequestListener => {
  return (_, response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};
/** What a server does with every job; its other paths answer as those of a healthy one. */
const JOBS: Readonly<Record<string, RequestListener>> = {
  "refuses it with 400": json(400, {
    error: { message: "no", type: "invalid_request_error", code: null, param: null },
  }),
  "answers 500 without a body": (_, response) => void response.writeHead(500).end(),
  "answers 502 as a page": (_, response) =>
    void response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>"),
  "closes the connection": (request) => void request.socket.destroy(),
  "closes it after the headers": (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    setTimeout(() => request.socket.destroy(), 5);
  },
  "answers an empty stream": (_, response) =>
    void response.writeHead(200, { "content-type": "text/event-stream" }).end(),
  "answers bytes that are no stream": (_, response) =>
    void response
      .writeHead(200, { "content-type": "text/event-stream" })
      .end(Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x0a])),
  "answers the error in the stream": (_, response) =>
    void response
      .writeHead(200, { "content-type": "text/event-stream" })
      .end('data: {"error":{"message":"no","type":"server_error"}}\n\ndata: [DONE]\n\n'),
};

async function listen(onJob: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.on("error", () => undefined).resume();
    if (request.method === "POST") onJob(request, response);
    else if (request.url === "/v1/models")
      json(200, { object: "list", data: [{ id: "tiny", object: "model" }] })(request, response);
    else json(request.url === "/health" ? 200 : 404, {})(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a server that answers no job", () => {
  test.for(Object.entries(JOBS))(
    "%s: every check ends with a verdict, and the report is written",
    { timeout: LONGEST_MS },
    async ([, onJob]) => {
      const out = mkdtempSync(join(tmpdir(), "inference-testkit-test-hostile-"));
      onTestFinished(() => rmSync(out, { recursive: true, force: true }));
      const args = ["--url", await listen(onJob), "--dialect", "openai-chat", "--level", "full", "--out", out];
      const { exitCode, stderr } = await runCli(["check", ...args], { timeoutMs: LONGEST_MS });

      expect(exitCode, stderr.slice(-2_000)).toBe(1);
      const { status, checks, coverage } = parseConformanceReport(readFileSync(join(out, "conformance.json"), "utf8"));
      expect(status).toBe("fail");
      expect(checks.filter((check) => check.status === "error")).toEqual([]);
      expect(coverage.selected).toBe(checks.length);
      expect(checks.find(({ id }) => id === "ready.answers-one-token")?.status).toBe("fail");
    },
  );
});

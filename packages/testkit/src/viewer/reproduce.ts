import { writeCurlLine } from "../evidence/curl-line.js";
import { quoteCommand } from "../terminal/shell-words.js";
import type { PageBundle, PageRequest } from "./page-data.js";

/** Headers that the client sets itself. */
const OWN_HEADERS = new Set(["connection", "content-length", "host", "transfer-encoding"]);

/** The command that sends a request again, for a POSIX shell. `undefined` for a body that is not text. */
export function toCurl(exchange: PageRequest, url: string): string | undefined {
  const { method, path, headers, body } = exchange;
  if (body?.kind === "base64") return undefined;
  const sent = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()));
  const sentHeaders = Object.fromEntries(sent);
  return writeCurlLine({ method, url: `${url}${path}`, headers: sentHeaders, body: body?.text });
}

/** A test that sends a job again, with what it has to say about the order of its events. `undefined` if its body is not JSON. */
export function toTest(exchange: PageRequest, { metadata }: PageBundle): string | undefined {
  const { body, jobId } = exchange;
  if (body?.kind !== "json") return undefined;
  const { dialect, worker } = metadata;
  const options = dialect === "orcd" ? "" : `, { dialect: ${JSON.stringify(dialect)} }`;
  const call = dialect === "orcd" ? `execute(${toLiteral(body.text)})` : toRawCall(exchange.path, body.text);
  const address = `process.env["WORKER_URL"] ?? ${JSON.stringify(worker.url)}`;
  return [
    'import { assertEventOrder, collectStream, WorkerTestHarness } from "inference-testkit";',
    'import { test } from "vitest";',
    "",
    `test(${JSON.stringify(`${jobId ?? "the job"} follows the order of events`)}, async () => {`,
    `  await using worker = await WorkerTestHarness.attach(${address}${options});`,
    `  const stream = await collectStream(await worker.${call});`,
    "",
    "  assertEventOrder(stream);",
    "});",
    "",
  ].join("\n");
}

/** The command that starts the worker again, for a POSIX shell. */
export function toStartCommand({ metadata }: PageBundle): string | undefined {
  const { command, args = [] } = metadata.worker;
  return command === undefined ? undefined : quoteCommand([command, ...args]);
}

/** Another dialect: `execute()` would write the body again, perhaps otherwise. */
function toRawCall(path: string, body: string): string {
  const options = `method: "POST", headers: { "content-type": "application/json" }, body: ${JSON.stringify(body)}`;
  return `request(${JSON.stringify(path)}, { ${options} })`;
}

/** JSON as a literal of TypeScript: integers that a number cannot hold are written as `bigint`. */
function toLiteral(json: string): string {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (part) => {
    const isInteger = /^-?\d+$/.test(part);
    return isInteger && !Number.isSafeInteger(Number(part)) ? `${part}n` : part;
  });
}

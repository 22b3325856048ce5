import { writeCurlLine, type Exchange } from "../../evidence/index.js";

const LONGEST_BODY = 4096;

/** A command that sends a request again; `null` if there is none, or its body is too long for a command line. */
export function createCurlLine(exchanges: readonly Exchange[], url: string): string | null {
  const exchange = exchanges.findLast(({ request }) => request.isJob) ?? exchanges.at(-1);
  if (exchange === undefined) return null;
  const { method, path, headers, body } = exchange.request;
  const text = typeof body === "string" ? body : body && Buffer.from(body).toString("utf8");
  if ((text?.length ?? 0) > LONGEST_BODY) return null;
  return writeCurlLine({ method, url: `${url}${path}`, headers, body: text });
}

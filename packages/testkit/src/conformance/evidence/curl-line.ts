import type { Exchange } from "../../evidence/index.js";

const LONGEST_BODY = 4096;

/** A command that sends a request again; `null` if there is none, or its body is too long for a command line. */
export function createCurlLine(exchanges: readonly Exchange[], url: string): string | null {
  const exchange = exchanges.findLast(({ request }) => request.isJob) ?? exchanges.at(-1);
  if (exchange === undefined) return null;
  const { method, path, headers, body } = exchange.request;
  const text = typeof body === "string" ? body : body && Buffer.from(body).toString("utf8");
  if ((text?.length ?? 0) > LONGEST_BODY) return null;
  const words = [
    "curl -iN",
    ...(method === "GET" ? [] : [`-X ${method}`]),
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(text === undefined ? [] : [`--data-raw ${quote(text)}`]),
    quote(`${url}${path}`),
  ];
  return words.join(" ");
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

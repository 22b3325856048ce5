import { quoteAlways } from "../terminal/shell-words.js";

/** A request as a command sends it. */
export interface CurlRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** The command that sends a request, for a POSIX shell. */
export function writeCurlLine({ method, url, headers, body }: CurlRequest): string {
  return [
    "curl -iN",
    ...(method === "GET" ? [] : [`-X ${method}`]),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoteAlways(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoteAlways(body)}`]),
    quoteAlways(url),
  ].join(" ");
}

import { InvalidOptionError } from "../errors/index.js";
import { isRecord, withDefault, type Option } from "../options/index.js";
import { hideValue, REDACTED, toVisibleText } from "../terminal/index.js";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible characters, and spaces between them. */
const VALUE = /^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/;
const FRAMING =
  "connection content-length expect host http2-settings keep-alive proxy-connection te trailer transfer-encoding upgrade";
const OWN = "accept-encoding content-type x-correlation-id x-job-id";
/** Headers that are not the caller's to set, and why. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ...FRAMING.split(" ").map((name) => [name, "it belongs to the connection"] as const),
  ...OWN.split(" ").map((name) => [name, "each request has its own"] as const),
]);

type Given = Readonly<Record<string, string>>;
/** Names are in lower case. */
type Headers = Readonly<Record<string, string>>;

/** The headers of another client, possibly of another copy of the package. */
export type HeaderSource = Pick<ServerHeaders, "reveal">;

/**
 * Headers that are sent with every request to a server, such as its API key. The values are not properties, so that no one prints them by
 * accident, and they are replaced wherever the server sends them back.
 */
export class ServerHeaders {
  readonly #headers: Headers;

  /** @internal Checked headers; see {@link serverHeaders}. */
  constructor(headers: Headers) {
    this.#headers = headers;
    for (const value of Object.values(headers)) hideHeaderValue(value);
  }

  /** In lower case. */
  get names(): readonly string[] {
    return Object.keys(this.#headers);
  }

  /** The values, to be sent or passed to a thread; not to be shown. */
  reveal(): Headers {
    return this.#headers;
  }

  /** The headers of one request, as they are sent and as they may be shown. Those of the request take precedence. */
  addTo(own: Headers): { readonly sent: Headers; readonly shown: Headers } {
    if (this.names.length === 0) return { sent: own, shown: own };
    const taken = new Set(Object.keys(own).map((name) => name.toLowerCase()));
    const added = Object.entries(this.#headers).filter(([name]) => !taken.has(name));
    const hidden = added.map(([name]) => [name, REDACTED] as const);
    return { sent: { ...own, ...Object.fromEntries(added) }, shown: { ...own, ...Object.fromEntries(hidden) } };
  }

  /** Headers of a dialect without those that the caller has replaced. */
  withoutReplaced(own: Headers): Headers {
    return Object.fromEntries(Object.entries(own).filter(([name]) => !(name in this.#headers)));
  }

  /** Why a server may refuse a request with this status; undefined for any other. */
  hintFor(status: number | undefined): string | undefined {
    if (!isKeyWanted(status)) return undefined;
    if (this.names.length > 0) {
      const names = this.names.map((name) => `\`${name}\``).join(", ");
      return `The server answers ${status} although ${names} was sent: check the value given as \`headers\` (\`--header\`).`;
    }
    return `The server wants a key: pass \`headers\`, for example { authorization: \`Bearer \${process.env.API_KEY}\` }; on the command line --header 'Authorization: Bearer $API_KEY'.`;
  }
}

/** Whether a status says that the server wants a key, or another one. */
export function isKeyWanted(status: unknown): boolean {
  return status === 401 || status === 403;
}

/** For a server that wants none. */
export const NO_HEADERS = new ServerHeaders({});

/** The option `headers`: names and values, or those of another client. @default none */
export function serverHeaders() {
  return withDefault<Given | HeaderSource, ServerHeaders>(SERVER_HEADERS, NO_HEADERS);
}

const SERVER_HEADERS: Option<Given | HeaderSource, ServerHeaders> = {
  read: (name, value) => (isServerHeaders(value) ? new ServerHeaders(value.reveal()) : readHeaders(name, value)),
};

/** By shape: they may be those of another copy of the package. */
function isServerHeaders(value: unknown): value is HeaderSource {
  return isRecord(value) && typeof value["reveal"] === "function";
}

/** Messages never have a value. */
function readHeaders(name: string, given: unknown): ServerHeaders {
  if (!isRecord(given)) throw refuse(name, "an object of names and values", typeof given);
  const headers = new Map<string, string>();
  for (const [header, value] of Object.entries(given)) {
    checkName(name, header);
    const lower = header.toLowerCase();
    if (headers.has(lower)) throw refuse(name, "an object with each header once", `\`${lower}\` twice`);
    headers.set(lower, readValue(`${name}.${header}`, value));
  }
  return new ServerHeaders(Object.fromEntries(headers));
}

function checkName(name: string, header: string): void {
  if (!TOKEN.test(header)) {
    throw refuse(name, "an object whose keys are names of headers", `the name \`${header.slice(0, 100)}\``);
  }
  const reason = REFUSED.get(header.toLowerCase());
  if (reason !== undefined) throw refuse(name, `without \`${header}\`: ${reason}`, `a value for it`);
}

function readValue(name: string, value: unknown): string {
  if (typeof value !== "string") throw refuse(name, "a string", typeof value);
  if (value.trim() === "") throw refuse(name, "a value that is not empty", "an empty one");
  if (VALUE.test(value)) return value;
  hideHeaderValue(value.trim());
  const problem = /[\r\n]/.test(value)
    ? "one with a line break"
    : "one with other characters, or spaces around it (the value is not shown)";
  throw refuse(name, "visible characters of Latin-1 on one line", problem);
}

function refuse(name: string, wanted: string, got: string): InvalidOptionError {
  return new InvalidOptionError({ message: `Expected \`${toVisibleText(name)}\` to be ${wanted}, got ${got}` });
}

/** The value, and the credential after its scheme. */
function hideHeaderValue(value: string): void {
  hideValue(value);
  const [, credential] = /^[A-Za-z][\w-]* +(\S+)$/.exec(value) ?? [];
  if (credential !== undefined) hideValue(credential);
}

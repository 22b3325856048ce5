import { dialectOption, orcd } from "../dialects/index.js";
import { InvalidOptionError } from "../errors/index.js";
import { streamTimeouts } from "../events/index.js";
import {
  abortSignal,
  callback,
  checkedBy,
  custom,
  defineOptions,
  flag,
  oneOf,
  recordOf,
  required,
  text,
  timeoutMs,
  withDefault,
  type OptionsOf,
} from "../options/index.js";
import { LoadingHint } from "./loading-hint.js";
import { serverHeaders } from "./server-headers.js";
import type { StreamWatcher } from "./stream-watch.js";

export const CALL_OPTIONS = defineOptions({
  /** Aborts the call. */
  signal: abortSignal(),
  /** Time-out for the response headers, and for the whole body unless it is a stream. @default 30000 */
  timeoutMs: timeoutMs(),
});

/** Options of one call. */
export interface CallOptions extends OptionsOf<typeof CALL_OPTIONS> {}

const JOB_OPTIONS = defineOptions({
  /** For the response headers and for reading the stream; they take precedence over those of the worker. */
  timeouts: streamTimeouts(),
  /** Further request headers, such as `x-correlation-id`. */
  headers: recordOf(text()),
  /** Uses a new connection for this request only, so that `response.disconnect()` can cut it. @default false */
  dedicatedConnection: withDefault(flag(), false),
});

const RAW_OPTIONS = defineOptions({
  /** @default "GET" */
  method: withDefault(oneOf(["GET", "POST", "PUT", "DELETE", "HEAD"]), "GET"),
  /** Sent unchanged. */
  body: custom<string | Uint8Array>(
    "a string or bytes",
    (value) => typeof value === "string" || ArrayBuffer.isView(value),
  ),
});

// Tables are joined under a type that names them: declaration files drop the comments of properties spread from another file.
export const EXECUTE_OPTIONS: typeof CALL_OPTIONS & typeof JOB_OPTIONS = { ...CALL_OPTIONS, ...JOB_OPTIONS };
export const RAW_REQUEST: typeof EXECUTE_OPTIONS & typeof RAW_OPTIONS = { ...EXECUTE_OPTIONS, ...RAW_OPTIONS };

export const CLIENT_OPTIONS = defineOptions({
  /** `http://host:port`; a `/v1` at its end does not matter. */
  baseUrl: required(checkedBy((_, url: string) => parseBaseUrl(url))),
  /** The dialect of the worker: a name, or an object. @default this project's own protocol */
  dialect: withDefault(dialectOption(), orcd),
  /** The model that requests name, where the dialect has one. @default the first one that the server lists */
  model: text({ filled: true }),
  /** Sent with every request, such as `{ authorization: "Bearer …" }`; their values are never shown. Those of a call take precedence. @default none */
  headers: serverHeaders(),
  /** Prefix of every path. Never shown in an error or result, nor to a watcher. */
  secretPath: withDefault(text(), ""),
  /** For every request; those of a call take precedence. */
  timeouts: streamTimeouts(),
  /** Returns the last log lines of the worker, for error messages. */
  logTail: withDefault(callback<() => readonly string[]>(), () => []),
  /**
   * Called for each request. Returns a function that, once the stream has failed, reports how the process behind it ended.
   */
  watchExit: callback<() => () => Promise<string | undefined>>(),
  /** Explains refusals of a worker that may still be loading. */
  loading: custom<LoadingHint>("a LoadingHint", (value) => value instanceof LoadingHint),
  /** Returns the signal that fires shortly before the limit of the test passes. */
  deadline: callback<() => AbortSignal | undefined>(),
  /** Observes requests; `addWatcher()` adds more. */
  watcher: callback<StreamWatcher>(),
});

/** Time-outs and headers for `execute()`. */
export interface ExecuteOptions extends OptionsOf<typeof EXECUTE_OPTIONS> {}
/** Any other request to the worker. */
export interface RawRequest extends OptionsOf<typeof RAW_REQUEST> {}
export interface WorkerClientOptions extends OptionsOf<typeof CLIENT_OPTIONS> {}

function parseBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isBase = url !== undefined && /^\/(v1\/?)?$/.test(url.pathname) && url.search === "";
  if (isBase && /^https?:$/.test(url.protocol)) return url.origin;
  throw new InvalidOptionError({ message: `Expected \`url\` to be like http://127.0.0.1:8080, got \`${baseUrl}\`` });
}

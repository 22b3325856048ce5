import type { IncomingMessage, ServerResponse } from "node:http";
import { WorkerError } from "inference-worker-protocol";
import { CONTROL_PATHS, type ArmAnswer, type FaultsAnswer, type JournalAnswer } from "worker-orcd-control";
import type { StubControl } from "../faults/index.js";
import { answerJson, readJsonObject } from "../http/index.js";
import type { ControlToken } from "./control-token.js";

/** A request to the control listener. */
export interface ControlExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly control: StubControl;
  readonly token: ControlToken;
}

const BASE = "http://control";

type Handler = (exchange: ControlExchange, url: URL) => Promise<void> | void;
type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Handlers by path (after the token) and method; what follows `/faults/` is a key. */
const ROUTES: Readonly<Record<string, Partial<Record<Method, Handler>>>> = {
  [CONTROL_PATHS.faults]: { GET: answerFaults, POST: arm, DELETE: disarmAll },
  [`${CONTROL_PATHS.faults}/`]: { DELETE: disarmOne },
  [CONTROL_PATHS.config]: { PUT: configure },
  [CONTROL_PATHS.journal]: { GET: answerJournal },
};

/**
 * Answers one request to the control listener.
 *
 * @throws {WorkerError} FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, INVALID_REQUEST; in that
 * case nothing has changed.
 */
export async function controlRoute(exchange: ControlExchange): Promise<void> {
  const { url: target = "/", method = "?" } = exchange.request;
  const url = openTarget(target, exchange.token);
  const path = url.pathname.startsWith(`${CONTROL_PATHS.faults}/`) ? `${CONTROL_PATHS.faults}/` : url.pathname;
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (methods === undefined) throw new WorkerError("NOT_FOUND", `no such path: ${url.pathname.slice(0, 200)}`);
  const handle = Object.hasOwn(methods, method) ? methods[method as Method] : undefined;
  if (handle !== undefined) {
    refuseQuery(url, path === CONTROL_PATHS.journal ? ["job_id"] : []);
    return handle(exchange, url);
  }
  const details = { allow: Object.keys(methods).join(", ") };
  throw new WorkerError("METHOD_NOT_ALLOWED", `${method} is not allowed on ${url.pathname.slice(0, 200)}`, { details });
}

/** The target without the token. A path that may contain a mistyped token is never repeated. */
function openTarget(target: string, token: ControlToken): URL {
  const url = URL.canParse(target, BASE) ? new URL(target, BASE) : undefined;
  const [, given = "", ...rest] = url?.pathname.split("/") ?? [];
  if (url === undefined || !token.matches(given)) {
    throw new WorkerError("FORBIDDEN", "the path must begin with the token of `control_url` in the ready line");
  }
  url.pathname = `/${rest.join("/")}`;
  return url;
}

function refuseQuery({ searchParams }: URL, known: readonly string[]): void {
  const unknown = [...searchParams.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw new WorkerError("INVALID_REQUEST", `unknown parameter \`${unknown}\``);
}

function answerFaults({ response, control }: ControlExchange): void {
  const body: FaultsAnswer = { faults: control.accounts() };
  answerJson(response, 200, body);
}

async function arm({ request, response, control }: ControlExchange): Promise<void> {
  const { faults, ...others } = await readJsonObject(request);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new WorkerError("INVALID_REQUEST", `unknown key \`${unknown.slice(0, 80)}\``);
  const body: ArmAnswer = { keys: orRefuse(() => control.arm(faults)) };
  answerJson(response, 200, body);
}

function disarmAll(exchange: ControlExchange): void {
  exchange.control.ledger.disarm();
  answerFaults(exchange);
}

function disarmOne(exchange: ControlExchange, { pathname }: URL): void {
  const key = orRefuse(() => decodeURIComponent(pathname.slice(`${CONTROL_PATHS.faults}/`.length)));
  if (!exchange.control.accounts().some((account) => account.key === key)) {
    throw new WorkerError("NOT_FOUND", `no fault has the key \`${key.slice(0, 200)}\``);
  }
  exchange.control.ledger.disarm([key]);
  answerFaults(exchange);
}

async function configure({ request, response, control }: ControlExchange): Promise<void> {
  const value = await readJsonObject(request);
  orRefuse(() => control.configure(value));
  response.writeHead(204).end();
}

function answerJournal({ response, control }: ControlExchange, { searchParams }: URL): void {
  const body: JournalAnswer = control.journal.read(searchParams.get("job_id") ?? undefined);
  answerJson(response, 200, body);
}

/** A failed check is the client's mistake. */
function orRefuse<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw new WorkerError("INVALID_REQUEST", (cause as Error).message, { cause });
  }
}

import {
  CONTROL_PATHS,
  type ArmAnswer,
  type FaultAccount,
  type FaultsAnswer,
  type JournalAnswer,
  type StubConfigInput,
} from "worker-orcd-control";
import { WorkerClient, type BodyOptions, type RawRequest } from "../../client/index.js";
import { HttpFailedError, InvalidOptionError, InvalidResponseError } from "../../errors/index.js";

/** The journal of a worker has up to 100 jobs with 10,000 entries each. */
const MOST_JOURNAL_BYTES = 128 * 1024 * 1024;
const JSON_BODY = { "content-type": "application/json" };

/** Client of the control listener of a worker in stub mode; see `CONTROL_PATHS`. */
export class ControlClient {
  readonly #client: WorkerClient;

  /** @param url `control_url` of the ready line; the token in its path appears in no error. */
  constructor(url: string, deadline?: () => AbortSignal | undefined) {
    const { origin, pathname } = new URL(url);
    this.#client = new WorkerClient({ baseUrl: origin, secretPath: pathname.replace(/\/$/, ""), deadline });
  }

  /** Arms faults, all or none. @throws {INVALID_OPTION} the worker rejects one. @throws {CONNECT_FAILED} */
  async arm(faults: readonly unknown[]): Promise<readonly string[]> {
    const body = JSON.stringify({ faults });
    const { keys } = (await this.#call(CONTROL_PATHS.faults, { method: "POST", body })) as ArmAnswer;
    return keys;
  }

  /** The records of all faults since the start. */
  async accounts(timeoutMs?: number): Promise<readonly FaultAccount[]> {
    return ((await this.#call(CONTROL_PATHS.faults, { timeoutMs })) as FaultsAnswer).faults;
  }

  /** Disarms all faults, or one. */
  async disarm(key?: string): Promise<void> {
    const path = key === undefined ? CONTROL_PATHS.faults : `${CONTROL_PATHS.faults}/${encodeURIComponent(key)}`;
    await this.#call(path, { method: "DELETE" });
  }

  /** Sets the stub's configuration for new jobs. @throws {INVALID_OPTION} */
  async configure(config: StubConfigInput): Promise<void> {
    await this.#call(CONTROL_PATHS.config, { method: "PUT", body: JSON.stringify(config) });
  }

  /** What was sent and when, for all jobs or one. */
  async journal(jobId?: string): Promise<JournalAnswer> {
    const query = jobId === undefined ? "" : `?job_id=${encodeURIComponent(jobId)}`;
    const path = `${CONTROL_PATHS.journal}${query}`;
    return (await this.#call(path, { maxBytes: MOST_JOURNAL_BYTES })) as JournalAnswer;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #call(path: string, { maxBytes, ...options }: RawRequest & BodyOptions): Promise<unknown> {
    const headers = options.body === undefined ? undefined : JSON_BODY;
    const response = await this.#client.request(path, { ...options, headers });
    const { status, url } = response;
    const text = status === 200 ? await response.text({ maxBytes }) : (await response.refusal()).text;
    if (status === 204) return undefined;
    if (status === 200) return parseAnswer(text, url);
    const message = `${url} answered ${status}: ${text.slice(0, 500)}`;
    if (status === 400) throw new InvalidOptionError({ message: readMessage(text) ?? message });
    throw new HttpFailedError({ message, details: { status, url } });
  }
}

function parseAnswer(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidResponseError({ message: `expected JSON from ${url}, got \`${text.slice(0, 200)}\``, cause });
  }
}

/** The worker's message about a rejected body. */
function readMessage(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined; // not from the control listener: the caller shows the text
  }
}

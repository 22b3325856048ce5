import type {
  ArmAnswer,
  FaultAccount,
  FaultIdOf,
  FaultsAnswer,
  FaultSpec,
  JournalAnswer,
  StubConfigInput,
} from "worker-orcd-control";
import { expect } from "vitest";
import { waitFor } from "./wait-for.js";
import type { WorkerProcess } from "./worker-process.js";

/** The control listener of a worker, as a client sees it. */
export class Control {
  readonly url: string;

  constructor(worker: WorkerProcess) {
    this.url = String(worker.line("ready")["control_url"]);
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { "content-type": "application/json" };
    const content = body === undefined ? {} : { headers, body: typeof body === "string" ? body : JSON.stringify(body) };
    return fetch(`${this.url}${path}`, { method, ...content });
  }

  async arm(...faults: FaultSpec<FaultIdOf<"stub">>[]): Promise<readonly string[]> {
    const response = await this.send("POST", "/faults", { faults });
    expect(response.status, await response.clone().text()).toBe(200);
    return ((await response.json()) as ArmAnswer).keys;
  }

  async configure(config: StubConfigInput): Promise<void> {
    const response = await this.send("PUT", "/config", config);
    expect(response.status, await response.text()).toBe(204);
  }

  async disarm(): Promise<void> {
    expect((await this.send("DELETE", "/faults")).status).toBe(200);
  }

  async accounts(): Promise<readonly FaultAccount[]> {
    return ((await (await this.send("GET", "/faults")).json()) as FaultsAnswer).faults;
  }

  async account(key: string): Promise<FaultAccount> {
    const found = (await this.accounts()).find((account) => account.key === key);
    if (found === undefined) throw new Error(`No account of ${key}`);
    return found;
  }

  async waitForFired(key: string): Promise<void> {
    await waitFor(`${key} to fire`, async () => (await this.account(key)).fired > 0);
  }

  async journal(jobId?: string): Promise<JournalAnswer> {
    const query = jobId === undefined ? "" : `?job_id=${encodeURIComponent(jobId)}`;
    return (await (await this.send("GET", `/journal${query}`)).json()) as JournalAnswer;
  }
}

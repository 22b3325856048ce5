import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page, Request } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { BROWSER_STARTS_WITHIN_MS, findChromium, openChromium } from "./support/chromium.js";
import { waitFor } from "./support/conditions.js";

const executable = findChromium();
/** A name that leads to this machine: what an attacker's DNS server answers after a rebinding. */
const REBOUND = "evil.example";
/** Runs until it is cancelled, or as long as any of these tests. */
const VICTIM = makeTestRequest("victim", "Hello", 2_000);
const SLOW = { timing: { itlMs: 100 } };
/** Generous: a busy machine takes a second. */
const ANSWER_MS = 10_000;

/** Serves an empty page on a free port of loopback. */
async function servePage(): Promise<Server> {
  const server = createServer((_, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>a page</title>"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe("pages in Chromium", () => {
  let browser: Awaited<ReturnType<typeof openChromium>>;
  let pages: Server;

  beforeAll(async () => {
    if (executable === undefined) return;
    browser = await openChromium(executable, [`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`]);
    pages = await servePage();
  }, BROWSER_STARTS_WITHIN_MS);

  beforeEach(({ skip }) => skip(executable === undefined, "no Chromium in PATH, and CHROMIUM names none"));

  afterAll(async () => {
    if (executable === undefined) return;
    await browser[Symbol.asyncDispose]();
    pages.closeAllConnections();
    pages.close();
  });

  async function openPage(origin: string): Promise<Page> {
    const page = await browser.context.newPage();
    onTestFinished(() => page.close());
    await page.goto(`${origin}/`);
    return page;
  }

  /** A worker with a job that runs; at the end of the test it must still run, and the worker must stop when it is asked to. */
  async function startVictim(env: Record<string, string> = {}): Promise<WorkerTestHarness> {
    const worker = await WorkerTestHarness.startMock({ stub: SLOW, env });
    onTestFinished(() => worker.stop().then(() => undefined));
    await worker.execute(VICTIM);
    await waitFor("the job to run", async () => (await worker.health()).slots.busy === 1 || undefined);
    return worker;
  }

  async function expectUnharmed(worker: WorkerTestHarness): Promise<void> {
    expect(await worker.health()).toMatchObject({ status: "healthy", slots: { busy: 1, queued: 0 } });
    expect(worker.logs.text()).not.toMatch(/"event":"(shutdown|execute_end)"/);
  }

  /** What the browser saw of the answers to one address. */
  function watchAnswers(page: Page, url: string): { readonly statuses: number[]; settled(): Promise<void> } {
    const statuses: number[] = [];
    let open = 0;
    let count = 0;
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) return;
      open += 1;
      count += 1;
    });
    page.on("response", (response) => {
      if (response.url().startsWith(url)) statuses.push(response.status());
    });
    const onEnd = (request: Request) => {
      if (request.url().startsWith(url)) open -= 1;
    };
    page.on("requestfinished", onEnd);
    page.on("requestfailed", onEnd);
    const isSettled = () => (count > 0 && open === 0) || undefined;
    const settled = async (): Promise<void> => {
      await waitFor(`the answers of ${url}`, isSettled, ANSWER_MS);
    };
    return { statuses, settled };
  }

  /** `[origin of the page, address of the worker]`: another port of loopback, another site, and a name that was rebound. */
  const PLACES: [string, (port: number) => string, (port: number) => string][] = [
    ["another port", () => `http://127.0.0.1:${portOf(pages)}`, (port) => `http://127.0.0.1:${port}`],
    ["another site", () => `http://${REBOUND}:${portOf(pages)}`, (port) => `http://127.0.0.1:${port}`],
    ["a rebound name", (port) => `http://${REBOUND}:${port}`, (port) => `http://${REBOUND}:${port}`],
  ];

  describe.each(PLACES)("from %s", (place, originOf, addressOf) => {
    const isRebound = place === "a rebound name";

    async function visit(): Promise<{ worker: WorkerTestHarness; page: Page; address: string }> {
      const worker = await startVictim();
      const page = await openPage(originOf(worker.port));
      return { worker, page, address: addressOf(worker.port) };
    }

    test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])(
      "a form of type %s neither ends the worker nor cancels its job",
      async (type) => {
        const { worker, page, address } = await visit();
        for (const path of ["/shutdown", "/cancel/victim", "/cancel"]) {
          const answers = watchAnswers(page, address + path);
          await page.evaluate(
            ([action, enctype]) => {
              const frame = document.createElement("iframe");
              frame.name = `frame-${document.body.childElementCount}`;
              const form = document.createElement("form");
              Object.assign(form, { method: "post", action, enctype, target: frame.name });
              const field = document.createElement("input");
              Object.assign(field, { name: '{"job_id":"victim","x":"', value: '"}' });
              form.append(field);
              document.body.append(frame, form);
              form.submit();
            },
            [address + path, type] as const,
          );
          await answers.settled();
          expect(answers.statuses).toEqual([403]);
        }
        await expectUnharmed(worker);
      },
    );

    test.each(["no-cors", "cors", "same-origin"] as const)("fetch() in mode %s", async (mode) => {
      const { worker, page, address } = await visit();
      for (const path of ["/shutdown", "/cancel/victim", "/cancel", "/execute"]) {
        for (const type of ["text/plain", "application/json"]) {
          const result = await page.evaluate(
            async ([url, mode, type]) => {
              const headers = { "content-type": type };
              const body = '{"job_id":"victim","prompt":"x"}';
              try {
                const response = await fetch(url, { method: "POST", mode, headers, body });
                return response.type === "opaque" ? "opaque" : response.status;
              } catch {
                return "refused";
              }
            },
            [address + path, mode, type] as const,
          );
          // A page under a rebound name is of the same origin: it can send and read everything, and is known by its Host.
          expect(result).toBe(isRebound ? 403 : mode === "no-cors" ? "opaque" : "refused");
        }
      }
      await expectUnharmed(worker);
    });

    test.each(["text/plain", "application/json"])("sendBeacon() of %s", async (type) => {
      const { worker, page, address } = await visit();
      const answers = watchAnswers(page, address);
      await page.evaluate(
        ([url, type]) => {
          navigator.sendBeacon(`${url}/shutdown`, new Blob(["{}"], { type }));
          navigator.sendBeacon(`${url}/cancel/victim`, new Blob(["{}"], { type }));
        },
        [address, type] as const,
      );
      await answers.settled();
      for (const status of answers.statuses) expect(status).toBe(403);
      await expectUnharmed(worker);
    });

    test("an image, a script and an event stream receive nothing", async () => {
      const { worker, page, address } = await visit();
      const answers = watchAnswers(page, address);
      const events = await page.evaluate(async (url) => {
        const load = (name: "img" | "script") =>
          new Promise((resolve) => {
            const element = document.createElement(name);
            element.onload = () => resolve("load");
            element.onerror = () => resolve("error");
            element.src = `${url}/metrics`;
            document.body.append(element);
          });
        const source = new EventSource(`${url}/health`);
        const stream = new Promise((resolve) => {
          source.onopen = () => resolve("open");
          source.onerror = () => resolve("error");
        });
        const results = await Promise.all([load("img"), load("script"), stream]);
        source.close();
        return results;
      }, address);
      expect(events).toEqual(["error", "error", "error"]);
      await answers.settled();
      // Chromium hides some refusals from the page and from this test; what it shows is a refusal.
      for (const status of answers.statuses) expect(status).toBe(403);
      await expectUnharmed(worker);
    });

    test("a WebSocket is not opened", async () => {
      const { worker, page, address } = await visit();
      const result = await page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const socket = new WebSocket(`${url.replace("http", "ws")}/execute`);
            socket.onopen = () => resolve("open");
            socket.onerror = () => resolve("error");
          }),
        address,
      );
      expect(result).toBe("error");
      await expectUnharmed(worker);
    });
  });

  test("a page on another port cannot use the control listener", async () => {
    const worker = await startVictim();
    const page = await openPage(`http://127.0.0.1:${portOf(pages)}`);
    const control = /"control_url":"(http:\/\/[\d.]+:\d+)\//.exec(worker.logs.text())![1]!;
    const result = await page.evaluate(async (url) => {
      const body = '{"faults":[{"id":"exit"}]}';
      const sent = await fetch(`${url}/faults`, { method: "POST", mode: "no-cors", body });
      const read = await fetch(`${url}/faults`).catch(() => "refused");
      return [sent.type, read];
    }, control);
    expect(result).toEqual(["opaque", "refused"]);
    expect(await worker.faults.accounts()).toEqual([]);
    await expectUnharmed(worker);
  });

  test("a link to the worker can be followed", async () => {
    const worker = await startVictim();
    const page = await openPage(`http://localhost:${portOf(pages)}`);
    await page.evaluate((url) => {
      const link = document.createElement("a");
      Object.assign(link, { href: `${url}/health`, textContent: "health" });
      document.body.append(link);
    }, worker.baseUrl);
    const [response] = await Promise.all([page.waitForResponse(/\/health$/), page.click("a")]);
    expect(response.status()).toBe(200);
  });

  describe("with --allow-origin", () => {
    test("the page reads a stream, a refusal and its headers, and cancels a job", async () => {
      const origin = `http://localhost:${portOf(pages)}`;
      const worker = await startVictim({ WORKER_ORCD_ALLOW_ORIGIN: origin, WORKER_ORCD_PARALLEL: "2" });
      const page = await openPage(origin);
      const result = await page.evaluate(async (url) => {
        const headers = { "content-type": "application/json", "x-correlation-id": crypto.randomUUID() };
        const send = (path: string, body: object) =>
          fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
        const job = await send("/execute", { job_id: "mine", prompt: "Hello", max_tokens: 2 });
        const wrong = await send("/execute", { job_id: "wrong" });
        const answers = [await job.text(), await wrong.text(), wrong.status] as const;
        const sameId = wrong.headers.get("x-correlation-id") === headers["x-correlation-id"];
        const cancelled = (await (await send("/cancel/victim", {})).json()) as { state: string };
        const health = (await (await fetch(`${url}/health`)).json()) as { status: string };
        return { answers, sameId, state: cancelled.state, health: health.status };
      }, worker.baseUrl);
      const [stream, errors, status] = result.answers;
      expect(stream).toMatch(/event: started\n[^]*event: end\n/);
      expect(errors).toContain('"field":"prompt"');
      expect(status).toBe(400);
      expect(result).toMatchObject({ sameId: true, state: "cancelling", health: "healthy" });
    });

    test("a page of another origin is still rejected, and so is a form of the allowed one", async () => {
      const allowed = `http://localhost:${portOf(pages)}`;
      const worker = await startVictim({ WORKER_ORCD_ALLOW_ORIGIN: allowed });
      const attempt = async (origin: string) =>
        (await openPage(origin)).evaluate(async (url) => {
          const { type } = await fetch(`${url}/shutdown`, { method: "POST", mode: "no-cors", body: "{}" });
          const read = await fetch(`${url}/health`).catch(() => "refused");
          return [type, typeof read === "string" ? read : read.status];
        }, worker.baseUrl);
      expect(await attempt(`http://127.0.0.1:${portOf(pages)}`)).toEqual(["opaque", "refused"]);
      expect(await attempt(allowed)).toEqual(["opaque", 200]);
      await expectUnharmed(worker);
    });
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { inChromium } from "./in-chromium.js";
import { startCli, waitUntil, type CliRun } from "../../testkit/test/cli/run-cli.js";

const WITHIN = { timeout: 30_000 };
const STUB = ["--stub", "--stub-config", '{"timing":{"ttftMs":20,"itlMs":5}}', "--max-tokens", "8"];

describe("the page of a run that is under way, in Chromium", () => {
  const chromium = inChromium(() => Promise.resolve());

  /** Starts a command and opens the page that it serves; every problem of the page fails the test at its end. */
  async function watch(args: readonly string[]): Promise<{ run: CliRun; page: Page; complaints: string[] }> {
    const run = startCli([...args, "--ui"]);
    const find = () => /^watch the (?:run|checks): (http:\S+)$/m.exec(run.stderr())?.[1];
    await waitUntil(() => find() !== undefined);
    const page = await chromium.context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    onTestFinished(async () => {
      await page.close();
      expect(complaints).toEqual([]);
    });
    await page.goto(find() ?? "");
    return { run, page, complaints };
  }

  test("is drawn again while results arrive; its stop button ends the run, and it shows the final report", async () => {
    const folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-live-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const out = join(folder, "run");
    const { run, page } = await watch(["profile", ...STUB, "--duration", "10m", "--out", out, "--title", "nightly"]);

    await page.waitForFunction(() => Number(document.documentElement.dataset["drawn"] ?? "0") >= 2, undefined, WITHIN);
    expect(await page.locator(".live [role=status]").textContent()).toMatch(/\d+ requests? /);
    expect(await page.locator("header .banner").textContent()).toContain("still running");
    expect(await page.locator("#latency").count()).toBe(1);
    // What the reader chose survives the next drawing, and nothing of the last one stays behind.
    await page.getByLabel("Search by job id").fill("profile-1");
    await page.waitForFunction(() => location.hash === "#search=profile-1", undefined, WITHIN);
    const drawn = await page.evaluate(() => Number(document.documentElement.dataset["drawn"]));
    await page.waitForFunction((now) => Number(document.documentElement.dataset["drawn"]) > now, drawn, WITHIN);
    expect(await page.getByLabel("Search by job id").inputValue()).toBe("profile-1");
    expect(await page.locator(".hint").count()).toBe(1);
    await page.getByRole("button", { name: "Stop the run" }).click();
    await page.getByText("The run has ended; this is its report.").waitFor(WITHIN);

    expect(await page.locator("header .banner").textContent()).toContain("interrupted by the stop button");
    expect(await page.getByRole("button", { name: "Stop the run" }).count()).toBe(0);
    expect((await run.finished).exitCode).toBe(3);
  });

  test("shows the figures so far if the command is killed", async () => {
    const { run, page, complaints } = await watch(["profile", ...STUB, "--duration", "10m"]);
    await page.waitForFunction(() => document.documentElement.dataset["drawn"] !== undefined, undefined, WITHIN);
    run.kill("SIGKILL");
    await run.finished;

    await page.getByText("The command has ended without a report").waitFor(WITHIN);
    const lost = complaints.splice(0); // the events, and the data if it was just being fetched
    expect(lost).toContain("Failed to load resource: net::ERR_INCOMPLETE_CHUNKED_ENCODING");
    for (const complaint of lost) expect(complaint).toMatch(/^Failed to load resource: net::ERR_/);
    expect(await page.locator("#latency").count()).toBe(1);
  });

  test("of a check shows each check as it ends", async () => {
    const { run, page } = await watch(["check", "--stub", "--level", "smoke"]);

    await page.getByText("The run has ended; this is its report.").waitFor(WITHIN);
    expect(await page.locator("header .banner").count()).toBe(0);
    expect((await run.finished).exitCode).toBe(0);
  });
});

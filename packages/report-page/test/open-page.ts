import { pathToFileURL } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";

/** Generous: a busy machine takes a second. */
const OPEN_WITHIN_MS = 10_000;

/** How a page is looked at. */
export interface OpenOptions {
  readonly width?: number;
  readonly isDark?: boolean;
  /** The part of the address after the name of the file. */
  readonly hash?: string;
}

/** Opens a page and holds it to what every page must keep to, at the end of the test as well: no error, no request, no dialog. */
export async function openPage(
  context: BrowserContext,
  path: string,
  { width = 1280, isDark = false, hash = "" }: OpenOptions = {},
): Promise<Page> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const address = pathToFileURL(path).href;
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== address && request.url() !== "data:,") complaints.push(`request: ${request.url()}`);
  });
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  onTestFinished(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: isDark ? "dark" : "light" });
  await page.goto(address + hash);
  await page.waitForFunction(() => document.documentElement.dataset["ready"] === "true", undefined, {
    timeout: OPEN_WITHIN_MS,
  });
  return page;
}

/** Tries to run a script and to send a request in a page, which its own policy must block. */
export async function expectPolicyBlocks(context: BrowserContext, path: string): Promise<void> {
  const page = await context.newPage();
  onTestFinished(() => page.close());
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  const before = requests.length;

  const outcome = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "globalThis.broken = 9";
    document.body.append(script);
    const asked = await fetch("http://127.0.0.1:9/").then(
      () => "answered",
      () => "refused",
    );
    return { broken: (globalThis as { broken?: number }).broken, asked };
  });

  expect(outcome).toEqual({ broken: undefined, asked: "refused" });
  expect(requests.slice(before)).toEqual([]);
}

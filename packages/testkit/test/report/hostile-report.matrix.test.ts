import { beforeAll, describe, expect, test } from "vitest";
import { isTestkitError } from "../../src/errors/index.js";
import { ItlHistogram } from "../../src/load/metrics/itl-histogram.js";
import {
  parseRunReport,
  toCsv,
  toHtml,
  toJson,
  toJsonLines,
  toJUnit,
  toMarkdown,
  type RunReport,
} from "../../src/report/index.js";
import { expectNoControls } from "../terminal/expect-safe.js";
import { HOSTILE_TEXTS } from "./hostile.js";
import { sampleReport } from "./sample-run.js";
import { readStrictXml } from "./strict-xml.js";

/** What each place of a report is replaced with: everything at once that breaks a terminal, XML, Markdown, HTML or a spreadsheet. */
const ATTACK = `=1+1|\`x\`<img src=x onerror=alert(1)>"'&]]>--></script></title><script>alert(1)</script>[a](javascript:alert(1)) www.example.com https://example.com @someone #1 :bug: \u001b[32m\n✓ forged\r\n| a | b |\n# heading\u0000\u009b31m\u202e\ud800\ufffe`;

type Path = readonly (string | number)[];

/** A document as JSON, and where its values are; of a list the first two items stand for all. */
function listPaths(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.slice(0, 2).flatMap((item, index) => listPaths(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => listPaths(inner, [...path, name]));
}

function listObjects(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.slice(0, 2).flatMap((item, index) => listObjects(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => listObjects(inner, [...path, name]))];
}

function at(document: unknown, path: Path): unknown {
  return path.reduce((value, key) => (value as Record<string | number, unknown>)[key], document);
}

/** A copy in which one place has been changed. */
function change(document: unknown, path: Path, edit: (owner: Record<string | number, unknown>, key: string) => void) {
  const copy = structuredClone(document);
  edit(at(copy, path.slice(0, -1)) as Record<string | number, unknown>, String(path.at(-1)));
  return copy;
}

let document: unknown;
let shell: string;
beforeAll(async () => {
  document = JSON.parse(JSON.stringify(await shortReport()));
  shell = emptyPage(await toHtml(parseRunReport(JSON.stringify(document))));
});

/** Every part of a report, as small as it can be: it is written hundreds of times. */
async function shortReport(): Promise<RunReport> {
  const { memory, load, comparison, ...report } = await sampleReport({ count: 6, failEvery: 3 });
  const itlHistogram = (await ItlHistogram.create()).encode();
  return {
    ...report,
    load: { ...load!, itlHistogram },
    memory: { ...memory!, samples: memory!.samples.slice(0, 3) },
    comparison: { ...comparison!, baseline: { ...comparison!.baseline, itlHistogram } },
  };
}

/** The page without its title and its data: the same for every report. */
function emptyPage(html: string): string {
  const [head = "", title = "", afterTitle = ""] = splitAround(html, "<title>", "</title>");
  const [middle = "", data = "", tail = ""] = splitAround(afterTitle, 'id="data">', "</script>");
  expect(title).not.toMatch(/[<>"]/);
  expect(data).not.toMatch(/[<>&]/);
  expect(JSON.parse(data)).toBeTypeOf("object");
  return [head, middle, tail].join("");
}

function splitAround(text: string, before: string, after: string): string[] {
  const start = text.indexOf(before) + before.length;
  const end = text.indexOf(after, start);
  return [text.slice(0, start), text.slice(start, end), text.slice(end)];
}

/** Whether a document makes outputs in which nothing of it is obeyed; one that is refused makes none. */
async function isHarmless(changed: unknown): Promise<"written" | "refused"> {
  const json = JSON.stringify(changed);
  let report: RunReport;
  try {
    report = parseRunReport(json);
  } catch (error) {
    if (!isTestkitError(error)) throw error;
    for (const line of error.message.split("\n")) expectNoControls(line);
    expect(error.message).not.toMatch(/^\s*✓ forged/m);
    return "refused";
  }
  const records = report.load?.records ?? [];
  expectJson(toJson(report), changed);
  for (const line of toJsonLines(records).trimEnd().split("\n")) expectNoControls(line);
  expectXml(toJUnit(report));
  expectMarkdown(toMarkdown(report));
  expectCsv(toCsv(records), records.length);
  return (await isHarmlessPage(report)) ? "written" : "refused";
}

function isAccepted(changed: unknown): boolean {
  try {
    parseRunReport(JSON.stringify(changed));
    return true;
  } catch {
    return false;
  }
}

/** A histogram that cannot be decoded is noticed when the page is made. */
async function isHarmlessPage(report: RunReport): Promise<boolean> {
  const html = await toHtml(report).catch((error: unknown) => {
    expect(isTestkitError(error, "REPORT_INVALID")).toBe(true);
    expectNoControls((error as Error).message.replaceAll("\n", ""));
    return undefined;
  });
  if (html === undefined) return false;
  expect(emptyPage(html) === shell).toBe(true);
  return true;
}

function expectJson(text: string, changed: unknown): void {
  expect(JSON.stringify(JSON.parse(text)) === JSON.stringify(changed)).toBe(true);
  expectNoControls(text);
}

function expectXml(text: string): void {
  const names = new Set(readStrictXml(text).map(({ name }) => name));
  expectNoControls(text);
  for (const name of names) {
    expect([
      "testsuites",
      "testsuite",
      "testcase",
      "properties",
      "property",
      "failure",
      "error",
      "system-out",
    ]).toContain(name);
  }
  expect(text).not.toMatch(/^\s*✓ forged/m);
}

function expectMarkdown(text: string): void {
  expectNoControls(text);
  expect(text.replaceAll(/<\/?(?:details|summary)>|<!-- -->/g, "")).not.toMatch(/[<>]/);
  expect(text).not.toMatch(/(?<!\\)\]\(|@someone|#1|^# heading|^\s*✓ forged|:\/\/|www\.|:bug:|(?<!\\)`/m);
  let columns: number | undefined;
  for (const line of text.split("\n")) {
    const cells = line.match(/(?<!\\)(?:\\\\)*\|/g)?.length;
    expect(line.startsWith("|")).toBe(cells !== undefined);
    if (columns !== undefined && cells !== undefined) expect(cells).toBe(columns);
    columns = cells;
  }
}

function expectCsv(text: string, count: number): void {
  const rows = [...text.matchAll(/(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n)/g)];
  expect(rows.map(([cell]) => cell).join("")).toBe(text);
  expect(rows.filter(([cell]) => cell.endsWith("\r\n"))).toHaveLength(count + 1);
  expectNoControls(text.replaceAll("\r\n", "\n"));
  for (const [cell] of rows) expect(cell).not.toMatch(/^"?\s*[=+@|]|^"?-[^\d]/);
}

describe("one value of an untrusted run.json is an attack", () => {
  test("a text", { timeout: 300_000 }, async () => {
    const texts = listPaths(document).filter((path) => typeof at(document, path) === "string");
    const attack = (changed: unknown, path: Path) => change(changed, path, (owner, key) => (owner[key] = ATTACK));
    // A histogram is only decoded when the page is made.
    const accepted = texts.filter((path) => !path.includes("itlHistogram") && isAccepted(attack(document, path)));
    for (const path of texts) if (!accepted.includes(path)) await isHarmless(attack(document, path));
    // Those that are accepted are written five at a time: writing is what takes long.
    for (let first = 0; first < accepted.length; first += 5) {
      expect(await isHarmless(accepted.slice(first, first + 5).reduce(attack, document))).toBe("written");
    }

    expect(accepted.length).toBeGreaterThan(50);
  });

  test("any other value becomes a text", { timeout: 300_000 }, async () => {
    const others = listPaths(document).filter((path) => typeof at(document, path) !== "string");
    for (const path of others) await isHarmless(change(document, path, (owner, key) => (owner[key] = ATTACK)));

    expect(others.length).toBeGreaterThan(200);
  });

  test("a name is replaced by another", { timeout: 300_000 }, async () => {
    const objects = listObjects(document);
    let nameCount = 0;
    for (const path of objects) {
      for (const name of Object.keys(at(document, path) as object)) {
        const rename = (owner: Record<string | number, unknown>): void => {
          owner[ATTACK] = owner[name];
          Reflect.deleteProperty(owner, name);
        };
        await isHarmless(change(document, [...path, name], rename));
        nameCount += 1;
      }
    }

    expect(nameCount).toBeGreaterThan(200);
  });

  test("an object has an extra name", { timeout: 300_000 }, async () => {
    const objects = listObjects(document);
    for (const [index, path] of objects.entries()) {
      const value = [ATTACK, 1, { [ATTACK]: ATTACK }][index % 3];
      await isHarmless(change(document, [...path, "new"], (owner) => (owner[ATTACK] = value)));
    }

    expect(objects.length).toBeGreaterThan(50);
  });
});

test.each(HOSTILE_TEXTS)("all texts of a report are %j", async (text) => {
  const report = await sampleReport({ count: 12, failEvery: 3, messages: [text], jobId: () => text }, { title: text });

  expect(await isHarmless(JSON.parse(JSON.stringify(report)))).toBe("written");
});

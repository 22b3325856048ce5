import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { PageCheck } from "../../../src/conformance/report/html/cut-evidence.js";
import { conformanceToHtml, type ConformancePageData } from "../../../src/conformance/report/html/to-html.js";
import { HOSTILE_TEXTS } from "../../report/hostile.js";
import { sampleCheck, sampleConformance, sampleExchange } from "./sample-report.js";

const HOSTILE = HOSTILE_TEXTS.join("");

function dataOf(html: string): ConformancePageData {
  return JSON.parse(/id="data">([^]*?)<\/script>/.exec(html)![1]!) as ConformancePageData;
}

const keptOf = ({ exchanges }: PageCheck) => exchanges.flatMap(({ pieces }) => pieces).length;

test("the page forbids itself everything but its own script and style, and has no address outside of its data", async () => {
  const html = await conformanceToHtml(sampleConformance([sampleCheck("stop.a", "pass")]));
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
  const hashOf = (pattern: RegExp) => createHash("sha256").update(pattern.exec(html)![1]!).digest("base64");

  expect(policy).toBe(
    `default-src 'none'; script-src 'sha256-${hashOf(/<script>([^]*?)<\/script>/)}'; ` +
      `style-src 'sha256-${hashOf(/<style>([^]*?)<\/style>/)}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(html.replace(/<script type="application\/json"[^]*?<\/script>/, "")).not.toMatch(
    /\b(?:src|href)="(?!data:)|url\((?!data:)|@import/,
  );
  expect(html).toMatch(/eventsource-parser\s+MIT License/);
});

test("hostile texts add no element to the page, and no text is lost", async () => {
  const make = (text: string) => {
    const exchange = sampleExchange({
      ...{ path: `/${text}`, requestBody: text, problem: text, headers: { "x-text": text } },
      pieces: [{ atMs: 1, text }],
    });
    const more = { title: text, why: text, source: text, message: text, expected: text, got: text, curl: text };
    const check = sampleCheck("stop.a", "fail", { ...more, exchanges: [exchange], deviation: { reason: text } });
    const server = { url: text, dialect: text, recognizedBy: text, model: text, command: text };
    return conformanceToHtml(sampleConformance([check], { server, partialReason: text }));
  };
  const tagsOf = (html: string) => html.match(/<[a-z/!]/gi)?.length;
  const html = await make(HOSTILE);

  expect(tagsOf(html)).toBe(tagsOf(await make("harmless")));
  const { server, checks } = dataOf(html);
  expect(server.url).toBe(HOSTILE);
  expect(checks[0]).toMatchObject({ expected: HOSTILE, got: HOSTILE, title: HOSTILE, curl: HOSTILE });
  expect(checks[0]!.exchanges[0]).toMatchObject({ requestBody: HOSTILE, pieces: [{ text: HOSTILE }] });
});

test("evidence that fits is kept whole", async () => {
  const check = sampleCheck("stop.a", "pass", { exchanges: [sampleExchange(), sampleExchange({ number: 2 })] });
  const [page] = dataOf(await conformanceToHtml(sampleConformance([check]))).checks;

  expect(page).toEqual({
    ...check,
    exchanges: check.exchanges.map((each) => ({ ...each, cutBytes: 0 })),
    cutExchanges: 0,
  });
});

test("however much a server sends, the file stays under 16 MiB; failures keep their evidence, and what is left out is counted", async () => {
  const pieces = Array.from({ length: 40 }, (_, index) => ({ atMs: index, text: "<".repeat(400) }));
  const exchanges = Array.from({ length: 40 }, (_, index) => sampleExchange({ number: index + 1, pieces }));
  const passed = Array.from({ length: 150 }, (_, index) => sampleCheck(`text.a${index}`, "pass", { exchanges }));
  const failed = sampleCheck("stop.b", "fail", { exchanges, got: "<".repeat(1_000_000) });
  const html = await conformanceToHtml(sampleConformance([...passed, failed]));

  expect(Buffer.byteLength(html)).toBeLessThan(16 * 1024 * 1024);
  const { checks } = dataOf(html);
  expect(checks.map(({ id }) => id)).toEqual([...passed.map(({ id }) => id), "stop.b"]);
  const last = checks.at(-1)!;
  expect(keptOf(last)).toBeGreaterThan(50);
  expect(last.exchanges.at(-1)!.number).toBe(40);
  expect(last.got).toMatch(/^<{4096}… \(995904 more characters in conformance\.json\)$/);
  for (const { exchanges: kept, cutExchanges } of checks) {
    expect(kept.length + cutExchanges).toBe(40);
    for (const each of kept) expect(each.pieces.length * 400 + each.cutBytes).toBe(16_000);
  }
  expect(checks.filter((check) => keptOf(check) === 0).length).toBeGreaterThan(0);
});

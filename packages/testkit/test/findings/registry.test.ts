import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createFindingsError, FINDING_CODES, FindingLog, FINDINGS, settleFindings } from "../../src/findings/index.js";

const provoked = readFileSync(new URL("strict-stop.test.ts", import.meta.url), "utf8");

test.each(FINDING_CODES)("%s is provoked by a test with a misbehaving worker", (code) => {
  expect(provoked).toContain(code);
});

test("every finding that fails says what it means, and none is explained by everything", () => {
  for (const { title, meaning, faults } of Object.values(FINDINGS)) {
    expect(title).not.toMatch(/\.$/);
    expect(meaning).toMatch(/\.$/);
    expect(faults.length).toBeLessThan(12);
  }
});

test("a log keeps the first 20 of a code and counts the others, whatever another code does", () => {
  const log = new FindingLog();
  for (let index = 0; index < 100_000; index += 1) log.add({ code: "SEED_MISMATCH", message: `job ${index}` });
  log.add({ code: "INVALID_UTF8", message: "late" });
  const list = log.list();
  expect(list).toHaveLength(22);
  expect(list.at(-2)).toEqual({ code: "INVALID_UTF8", message: "late" });
  expect(list.at(-1)).toEqual({ code: "SEED_MISMATCH", message: "and 99980 more" });
});

test("an error shows ten findings and the number of the others; a note and an explained one are not among them", () => {
  const seen = Array.from({ length: 12 }, (_, index) => ({ code: "SEED_MISMATCH", message: `job ${index}` }) as const);
  const others = [
    { code: "EOS_AT_MAX_TOKENS", message: "-" },
    { code: "INVALID_UTF8", message: "-", explainedBy: "the fault `invalid-utf8`" },
  ] as const;
  const findings = settleFindings([...seen, ...others], { allow: [], explain: () => undefined });
  const error = createFindingsError(findings, "worker worker-1");
  expect(error?.message).toMatch(/^\[FINDINGS_NOT_ALLOWED\] 12 findings about worker worker-1\n/);
  expect(error?.message).toContain("\n  and 2 more\n");
  expect(error?.details).toEqual({ codes: ["SEED_MISMATCH"] });
  expect(createFindingsError(findings.slice(12), "worker worker-1")).toBeUndefined();
});

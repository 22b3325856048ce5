import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MUTANT_IDS, mutantOf } from "worker-orcd-control";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/conformance-matrix.mjs", import.meta.url));
const WIRE = MUTANT_IDS.filter((id) => mutantOf(id).making.kind === "wire");

test("every mutant of the wire is killed in front of the llama engine", { timeout: 1_200_000 }, () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, "--engines", "llama", "--dialects", "orcd,openai-completions"],
    { encoding: "utf8", timeout: 1_200_000 },
  );
  expect(stderr).toBe("");
  expect(WIRE.length).toBeGreaterThan(10);
  expect(stdout).toContain(`${WIRE.length} of ${MUTANT_IDS.length} mutants in orcd, openai-completions: 0 problems`);
  expect(status).toBe(0);
});

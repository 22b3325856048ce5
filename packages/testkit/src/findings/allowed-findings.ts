import { suggest } from "inference-worker-protocol/validation";
import { InvalidOptionError } from "../errors/index.js";
import { listOf, type Option } from "../options/index.js";
import { FINDING_CODES, type FindingCode } from "./registry.js";

const code: Option<FindingCode> = {
  read: (name, value) => {
    const known: readonly unknown[] = FINDING_CODES;
    if (known.includes(value)) return value as FindingCode;
    const near = typeof value === "string" ? suggest(value, FINDING_CODES) : "";
    throw new InvalidOptionError({
      message: `Expected \`${name}\` to be one of ${FINDING_CODES.join(", ")}, got \`${show(value)}\`${near}`,
      hint: "docs/findings.md lists what each code means.",
      option: name,
    });
  },
};

/** The code of a finding. */
export function findingCode(): Option<FindingCode> {
  return code;
}

/** The codes of findings that a test allows. */
export function allowedFindings(): Option<readonly FindingCode[]> {
  return listOf(code, { wanted: "an array of finding codes" });
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

import { parseStubConfig, type StubConfigInput } from "worker-orcd-control";
import { InvalidOptionError } from "../../errors/index.js";
import type { LoadProfile, RunLimits } from "../../load/index.js";
import { checkSlo, type RequestSlo } from "../../load/metrics/slo.js";
import { checkProfile } from "../../load/schedule/check-profile.js";
import { checkRunLimits } from "../../load/verdict/run-limits.js";

/** The content of a limits file. */
export interface GivenLimits {
  readonly limits: RunLimits;
  /** What each request must meet to count for goodput. */
  readonly slo: RequestSlo;
}

/** The defaults without a limits file. */
export const NO_ERRORS: GivenLimits = { limits: { errors: 0 }, slo: {} };

/**
 * Checks the value of `--limits`; without a limit in it, no error is allowed. @throws {INVALID_OPTION}
 */
export function checkLimits(name: string, { slo = {}, ...limits }: Readonly<Record<string, unknown>>): GivenLimits {
  const judged = Object.keys(limits).length === 0 ? NO_ERRORS.limits : limits;
  checkRunLimits(judged, name);
  checkSlo(`${name}.slo`, slo);
  return { limits: judged, slo };
}

/** Checks the value of `--profile`. @throws {INVALID_OPTION} */
export function checkLoadProfile(name: string, profile: unknown): LoadProfile {
  checkProfile(name, profile);
  return profile;
}

/** Checks the value of `--stub-config`. @throws {INVALID_OPTION} */
export function checkStub(name: string, config: unknown): StubConfigInput {
  checkStubConfig(name, config);
  return config;
}

function checkStubConfig(name: string, config: unknown): asserts config is StubConfigInput {
  try {
    parseStubConfig(config);
  } catch (cause) {
    const { message } = cause as Error;
    throw new InvalidOptionError({ message: `In \`${name}\`: ${message}`, option: toOption(name, message), cause });
  }
}

/** The path that a message about a stub configuration begins with, such as `content.script.0`, as the name of an option. */
function toOption(name: string, message: string): string {
  const [, path] = /^(?:Expected )?`([^`]+)`/.exec(message) ?? [];
  return path === undefined ? name : `${name}.${path.replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]")}`;
}

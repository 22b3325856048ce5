import { LEVELS } from "../../conformance/areas.js";
import { CATALOGUE } from "../../conformance/catalogue.js";
import { readProfile, type ConformanceProfile } from "../../conformance/profile.js";
import { checkIds } from "../../conformance/run/select-checks.js";
import { dialectOption } from "../../dialects/index.js";
import { checkOption, flag, integer, number, oneOf, text, withDefault, type Option } from "../../options/index.js";
import { COMMON_FLAGS, UI_FLAG } from "../common-flags.js";
import { flagOf, repeatable, restrict, type FlagsOf } from "../flags.js";
import { HEADER_FLAG } from "../header-flag.js";
import { checkStub } from "../runs/checks.js";
import { commandLine } from "../runs/split-command.js";
import { commaList, duration, exitCode, httpUrl, jsonFile, jsonObject } from "../values.js";

const PATH = text({ filled: true });
const SERVER = ["url", "command", "stub"];

/** The flags of `check`, one a line. */
// prettier-ignore
export const CHECK_FLAGS = {
  url: restrict(flagOf("--url <url>", "check a server that is already running", httpUrl()), { conflicts: ["command", "stub"] }),
  command: restrict(flagOf("--command <line>", "start this program and check it", commandLine()), { conflicts: ["stub"] }),
  stub: flagOf("--stub", "check worker-orcd with the stub engine", flag()),
  stubConfig: restrict(flagOf("--stub-config <json>", "configuration of the stub engine: JSON, or @file", jsonObject(checkStub)), { needs: ["stub"] }),
  dialect: restrict(flagOf("--dialect <name>", "what the server speaks", dialectOption()), { needs: SERVER }),
  header: restrict(HEADER_FLAG, { needs: ["url", "command"] }),
  model: restrict(flagOf("--model <name>", "name of the model to ask", PATH), { needs: SERVER }),
  shutdownExitCodes: restrict(flagOf("--shutdown-exit-codes <list>", "with --command: exit codes that are normal after SIGTERM", commaList(exitCode())), { needs: ["command"] }),
  checkPortOwner: restrict(flagOf("--no-check-port-owner", "with --command: accept a port that another process serves", withDefault(flag(), true)), { needs: ["command"] }),
  readyTimeout: restrict(flagOf("--ready-timeout <time>", "how long the server may take to start, for example 10m (30s; the stub: 10s)", duration()), { needs: ["command", "stub"] }),
  level: flagOf("--level <level>", "smoke, standard or full; each includes the ones before", withDefault(oneOf(LEVELS), "standard")),
  only: repeatable(flagOf("--only <list>", "only these checks: ids or areas, comma-separated; * stands for any characters", commaList(PATH))),
  skip: repeatable(flagOf("--skip <id=reason>", "leave out a check, for a reason; may be repeated", skipped())),
  declare: flagOf("--declare <file>", "what the server declares about itself", jsonFile(readDeclaration)),
  baseline: flagOf("--baseline <path>", "compare with this conformance.json, or the one in this folder", PATH),
  seed: flagOf("--seed <n>", "seed of prompts and random choices", withDefault(integer([0, 2 ** 32 - 1]), 1)),
  slow: flagOf("--slow <factor>", "multiply the time that each check may take, for a slow server", withDefault(number([1, 1000]), 1)),
  out: flagOf("--out <folder>", "folder for the report", PATH),
  ui: UI_FLAG,
  list: flagOf("--list", "print the checks and end", flag()),
  ...COMMON_FLAGS,
};

/** Their values. */
export type CheckFlags = FlagsOf<typeof CHECK_FLAGS>;

/** Also checks the ids of the deviations, while the lines of the file are known. */
function readDeclaration(name: string, value: Readonly<Record<string, unknown>>): ConformanceProfile {
  const profile = readProfile(name, value);
  checkIds(`${name}.deviations`, Object.keys(profile.deviations ?? {}), CATALOGUE);
  return profile;
}

/** The id of a check and why it is left out. A list, because the flag may be repeated. */
function skipped(): Option<string, readonly (readonly [id: string, reason: string])[]> {
  return {
    read: (name, value) => {
      const [, id = "", reason = ""] = /^([^=]+)=(.*\S.*)$/.exec(String(value)) ?? [];
      checkOption(id !== "", name, { wanted: "the id of a check, =, and the reason", value });
      return [[id.trim(), reason.trim()]];
    },
  };
}

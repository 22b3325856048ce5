import { InvalidOptionError } from "../../errors/index.js";
import { plural } from "../../numbers/index.js";
import type { ReportWorkload } from "../../report/run-report.js";
import { describeLengths, toTalk, type Lengths, type WorkloadOptions } from "../../requests/workload/index.js";
import type { ProfileFlags } from "./flags.js";

type WorkloadFlags = Pick<
  ProfileFlags,
  "prompts" | "promptWords" | "outputTokens" | "prefixShare" | "turns" | "maxTokens"
>;

/**
 * What the flags say about prompts, lengths and turns; `undefined` if they say nothing about them.
 *
 * @throws {INVALID_OPTION} lengths from a file that does not have them.
 */
export function chooseWorkload(flags: WorkloadFlags): WorkloadOptions | undefined {
  const { prompts, promptWords, outputTokens, prefixShare = 0, turns = 1, maxTokens } = flags;
  if (prompts === undefined && !hasShape(flags)) return undefined;
  const talks = prompts?.prompts.map((prompt) => toTalk(prompt, turns));
  const output = outputTokens ?? ({ kind: "fixed", length: maxTokens } as const);
  if (talks === undefined) checkNotFile({ "--prompt-words": promptWords, "--output-tokens": output });
  const without = output.kind === "file" ? talks?.findIndex((talk) => talk.outputTokens === undefined) : undefined;
  if (without !== undefined && without >= 0) {
    throw new InvalidOptionError({
      message: `Expected every prompt of ${prompts?.file ?? ""} to have the length of its answer, because of \`--output-tokens file\`; prompt ${without + 1} has neither \`max_tokens\` nor an answer`,
      hint: "Give each line `max_tokens`, or give another length, such as `--output-tokens uniform:16-256`.",
    });
  }
  return { talks, promptWords, outputTokens: output, prefixShare, turns };
}

function hasShape({ promptWords, outputTokens, prefixShare, turns }: WorkloadFlags): boolean {
  return [promptWords, outputTokens, prefixShare, turns].some((flag) => flag !== undefined);
}

function checkNotFile(given: Readonly<Record<string, Lengths | undefined>>): void {
  for (const [name, lengths] of Object.entries(given)) {
    if (lengths?.kind !== "file") continue;
    throw new InvalidOptionError({ message: `Expected \`${name} file\` together with --prompts` });
  }
}

/** The workload as it is recorded. */
export function describeWorkload(
  { promptWords, outputTokens, prefixShare, turns }: WorkloadOptions,
  { prompts }: WorkloadFlags,
  hasTemplate: boolean,
): ReportWorkload {
  return {
    prompts: prompts === undefined ? null : { file: prompts.file, count: prompts.prompts.length },
    promptWords: promptWords === undefined ? null : describeLengths(promptWords),
    outputTokens: describeLengths(outputTokens),
    prefixShare,
    turns,
    chatTemplate: hasTemplate ? "the server applies its own" : "none: the dialect sends prompts as plain text",
  };
}

/** What the reader should know about it before the run. @param requestCount `undefined` if only the time ends the run. */
export function listWorkloadNotes({ prompts }: WorkloadFlags, requestCount: number | undefined): string[] {
  if (prompts === undefined) return [];
  const { file, skippedCount, prompts: list } = prompts;
  const skipped = `${plural(skippedCount, "conversation")} of ${file} ${skippedCount === 1 ? "has" : "have"} no message of a user, and ${skippedCount === 1 ? "is" : "are"} left out`;
  const repeated = `${plural(list.length, "prompt")} for ${plural(requestCount ?? 0, "request")}: each is sent several times, and a server may answer from its prefix cache`;
  return [
    ...(skippedCount > 0 ? [skipped] : []),
    ...(requestCount !== undefined && requestCount > list.length ? [repeated] : []),
  ];
}

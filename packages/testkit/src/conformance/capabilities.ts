import type { DeterminismLevel } from "inference-worker-protocol";
import type { Dialect } from "../dialects/index.js";
import type { ConformanceProfile } from "./profile.js";

/** What is known about a server before the checks run. */
export interface ServerFacts {
  readonly url: string;
  readonly dialect: Dialect;
  /** The model that requests name. */
  readonly model: string | undefined;
  /** The process id, if it was started here. */
  readonly pid: number | undefined;
  /** What its answers to a few requests showed. */
  readonly probes: ProbedFacts;
  /** What was declared about it. */
  readonly profile: ConformanceProfile;
}

/** What the server's answers showed. Each reason says why something is absent; `undefined`: it is there. */
export interface ProbedFacts {
  readonly modelNames: readonly string[];
  readonly noModels: string | undefined;
  readonly noHealth: string | undefined;
  readonly noSlots: string | undefined;
  readonly noMetrics: string | undefined;
  readonly noUsage: string | undefined;
  /** The number of jobs that run at the same time, if it is known. */
  readonly slotCount: number | undefined;
  readonly determinism: readonly DeterminismLevel[];
}

/** Returns why the server does not have it; `undefined` if it has. */
type Find = (facts: ServerFacts) => string | undefined;

/** Fields of a request that are not part of every dialect. */
const field =
  (name: string): Find =>
  ({ dialect }) =>
    dialect.capabilities.refused?.includes(name) === true
      ? `the dialect ${dialect.name} has no \`${name}\``
      : undefined;

const guaranteed =
  (level: DeterminismLevel): Find =>
  ({ profile, probes }) =>
    [...(profile.determinism ?? []), ...probes.determinism].includes(level)
      ? undefined
      : `the server does not guarantee determinism \`${level}\`; declare it with --declare to check it`;

const CAPABILITIES = {
  launch: ({ pid }) => (pid === undefined ? "the server was not started here: use --command" : undefined),
  health: ({ probes }) => probes.noHealth,
  models: ({ probes }) => probes.noModels,
  slots: ({ probes }) => probes.noSlots,
  metrics: ({ probes }) => probes.noMetrics,
  usage: ({ probes }) => probes.noUsage,
  "slot-count": ({ probes, profile }) =>
    (profile.slots ?? probes.slotCount) === undefined
      ? "the number of slots is unknown: declare `slots` with --declare"
      : undefined,
  "cancel-endpoint": ({ dialect, profile }) =>
    profile.cancel === "disconnect" || dialect.cancel === undefined
      ? `the dialect ${dialect.name} cancels by disconnecting`
      : undefined,
  "context-limit": ({ profile }) =>
    profile.limits?.contextTokens === undefined
      ? "the context length is unknown: declare `limits.contextTokens` with --declare"
      : undefined,
  "stream-id": ({ dialect }) =>
    ["openai-chat", "openai-completions"].includes(dialect.name)
      ? undefined
      : `the chunks of the dialect ${dialect.name} have no such id and choices`,
  "whole-answer": ({ dialect }) =>
    dialect.decodeAnswer === undefined ? `the dialect ${dialect.name} has no answer without streaming` : undefined,
  seed: field("seed"),
  stop: field("stop"),
  "top-p": field("top_p"),
  "top-k": field("top_k"),
  "min-p": field("min_p"),
  "repetition-penalty": field("repetition_penalty"),
  "determinism:repeat": guaranteed("repeat"),
  "determinism:restart": guaranteed("restart"),
  "determinism:slot": guaranteed("slot"),
  "determinism:load": guaranteed("load"),
} as const satisfies Readonly<Record<string, Find>>;

/** Something that a check needs and not every server has. The list is closed. */
export type Capability = keyof typeof CAPABILITIES;

/** Every capability. */
export const CAPABILITY_NAMES = Object.keys(CAPABILITIES) as readonly Capability[];

/** Why a check does not apply to a server; `undefined` if it does. */
export function findUnmetNeed(needs: readonly Capability[], facts: ServerFacts): string | undefined {
  for (const need of needs) {
    const reason = CAPABILITIES[need](facts);
    if (reason !== undefined) return `needs \`${need}\`: ${reason}`;
  }
  return undefined;
}

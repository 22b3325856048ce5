import type { DeterminismLevel } from "inference-worker-protocol";
import type { ServerHeaders } from "../client/index.js";
import type { Dialect } from "../dialects/index.js";
import type { ConformanceProfile } from "./profile.js";
import { REQUEST_COUNTERS, TOKEN_COUNTERS } from "./server/counters.js";
import type { StartChange, StartFacts } from "./server/start-change.js";

/** What is known about a server before the checks run. */
export interface ServerFacts {
  readonly url: string;
  readonly dialect: Dialect;
  /** The model that requests name. */
  readonly model: string | undefined;
  /** What is sent with every request. @default none */
  readonly headers?: ServerHeaders | undefined;
  /** The process id, if it was started here. */
  readonly pid: number | undefined;
  /** How it was started; absent if it was not started here. */
  readonly start?: StartFacts | undefined;
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
  /** Names of the samples in its metrics. @default none */
  readonly metricNames?: readonly string[] | undefined;
  /** How long a job of four tokens took; `undefined` if it did not complete. */
  readonly shortJobMs: number | undefined;
  /** The number of jobs that run at the same time, if it is known. */
  readonly slotCount: number | undefined;
  readonly determinism: readonly DeterminismLevel[];
}

/** One capability. */
interface CapabilityDefinition {
  /** What a server with it has. */
  readonly meaning: string;
  /** Returns why a server does not have it; `undefined` if it has. */
  readonly findReason: (facts: ServerFacts) => string | undefined;
}

/** A field of a request that not every dialect has. */
function field(name: string): CapabilityDefinition {
  return {
    meaning: `the dialect can carry \`${name}\``,
    findReason: ({ dialect }) => {
      const isRefused = dialect.capabilities.refused?.includes(name) === true;
      return isRefused ? `the dialect ${dialect.name} has no \`${name}\`` : undefined;
    },
  };
}

/** Something that the server was asked for before the checks. */
function probed(meaning: string, find: (probes: ProbedFacts) => string | undefined): CapabilityDefinition {
  return { meaning, findReason: ({ probes }) => find(probes) };
}

function guaranteed(level: DeterminismLevel): CapabilityDefinition {
  return {
    meaning: `the server guarantees determinism \`${level}\`: it reports or declares so`,
    findReason: ({ profile, probes }) => {
      const isGiven = [...(profile.determinism ?? []), ...probes.determinism].includes(level);
      return isGiven ? undefined : `the server does not guarantee determinism \`${level}\`; declare it with --declare`;
    },
  };
}

/** The start of the server can be changed. */
function changeable(change: keyof StartChange, meaning: string, reason: string): CapabilityDefinition {
  return { meaning, findReason: ({ start }) => (start?.changes.includes(change) === true ? undefined : reason) };
}

/** The metrics have one of these samples. */
function counted(names: readonly string[], what: string): CapabilityDefinition {
  return {
    meaning: `the metrics have a counter of ${what}`,
    findReason: ({ probes }) => {
      const isThere = names.some((name) => probes.metricNames?.includes(name) === true);
      return isThere ? undefined : `the metrics have none of the known counters of ${what}: ${names.join(", ")}`;
    },
  };
}

/** How many jobs the server runs at the same time. @param otherwise for a server of which that is not known. */
export function slotsOf({ profile, probes }: Pick<ServerFacts, "profile" | "probes">, otherwise: number): number {
  return profile.slots ?? probes.slotCount ?? otherwise;
}

/** Everything that a check can need. The list is closed. */
export const CAPABILITIES = {
  launch: {
    meaning: "the server was started by the suite",
    findReason: ({ pid }) => (pid === undefined ? "the server was not started here: use --command" : undefined),
  },
  "start-environment": changeable(
    "env",
    "the suite can set the environment of a start",
    "the server is not started by --command or --stub, so its environment cannot be set",
  ),
  "start-port": changeable(
    "port",
    "the suite can choose the port of a start",
    "the server is not started by --stub, or by --command with {port}",
  ),
  "start-model": changeable(
    "modelFile",
    "the command names a model file, which the suite can replace",
    "the command does not name a model file",
  ),
  ready: {
    meaning: "the dialect has a path that says when the server can serve",
    findReason: ({ dialect }) => (dialect.ready === undefined ? `the dialect ${dialect.name} has none` : undefined),
  },
  "request-counter": counted(REQUEST_COUNTERS, "requests"),
  "token-counter": counted(TOKEN_COUNTERS, "generated tokens"),
  procfs: {
    meaning: "the suite can read what processes have open: Linux",
    findReason: () => (process.platform === "linux" ? undefined : "only Linux shows what a process has open"),
  },
  health: probed("the server reports its health", ({ noHealth }) => noHealth),
  models: probed("the server lists its models", ({ noModels }) => noModels),
  slots: probed("the server reports how busy it is", ({ noSlots }) => noSlots),
  metrics: probed("the server has Prometheus metrics", ({ noMetrics }) => noMetrics),
  usage: probed("the server reports the number of tokens", ({ noUsage }) => noUsage),
  "slot-count": {
    meaning: "the number of jobs that run at the same time is known: reported or declared",
    findReason: ({ probes, profile }) => {
      const isKnown = (profile.slots ?? probes.slotCount) !== undefined;
      return isKnown ? undefined : "the number of slots is unknown: declare `slots` with --declare";
    },
  },
  "cancel-endpoint": {
    meaning: "a job is cancelled by a request",
    findReason: ({ dialect, profile }) => {
      const disconnects = profile.cancel === "disconnect" || dialect.cancel === undefined;
      return disconnects ? `the dialect ${dialect.name} cancels by disconnecting` : undefined;
    },
  },
  "context-limit": {
    meaning: "the length of the context is declared",
    findReason: ({ profile }) => {
      const isKnown = profile.limits?.contextTokens !== undefined;
      return isKnown ? undefined : "the context length is unknown: declare `limits.contextTokens` with --declare";
    },
  },
  "stream-id": {
    meaning: "the chunks of a stream carry the id of the answer, and choices",
    findReason: ({ dialect: { name } }) => {
      const hasId = name === "openai-chat" || name === "openai-completions";
      return hasId ? undefined : `the chunks of the dialect ${name} have no such id and choices`;
    },
  },
  "token-numbers": {
    meaning: "the tokens of a stream are numbered",
    findReason: ({ dialect: { name } }) => (name === "orcd" ? undefined : `the dialect ${name} does not number tokens`),
  },
  "whole-answer": {
    meaning: "the dialect has answers without streaming",
    findReason: ({ dialect: { decodeAnswer, name } }) => {
      return decodeAnswer === undefined ? `the dialect ${name} has no answer without streaming` : undefined;
    },
  },
  seed: field("seed"),
  stop: field("stop"),
  "top-p": field("top_p"),
  "top-k": field("top_k"),
  "min-p": field("min_p"),
  "repetition-penalty": field("repetition_penalty"),
  penalties: {
    meaning: "requests of the dialect have `presence_penalty` and `frequency_penalty`",
    findReason: ({ dialect: { name } }) => {
      const hasThem = name === "openai-chat" || name === "openai-completions";
      return hasThem ? undefined : `requests of the dialect ${name} have no such fields`;
    },
  },
  "determinism:repeat": guaranteed("repeat"),
  "determinism:restart": guaranteed("restart"),
  "determinism:slot": guaranteed("slot"),
  "determinism:load": guaranteed("load"),
} as const satisfies Readonly<Record<string, CapabilityDefinition>>;

/** Something that a check needs and not every server has. */
export type Capability = keyof typeof CAPABILITIES;

/** Why a check does not apply to a server; `undefined` if it does. */
export function findUnmetNeed(needs: readonly Capability[], facts: ServerFacts): string | undefined {
  for (const need of needs) {
    const reason = CAPABILITIES[need].findReason(facts);
    if (reason !== undefined) return `needs \`${need}\`: ${reason}`;
  }
  return undefined;
}

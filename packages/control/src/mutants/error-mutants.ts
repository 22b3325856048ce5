import type { MutantDefinition } from "./define-mutant.js";

/** Defects of errors. */
export const ERROR_MUTANTS = {
  "errors.as-html": {
    meaning: "Errors are sent as text/html.",
    killedBy: ["errors.are-json"],
    making: { kind: "worker" },
  },
  "errors.in-a-foreign-form": {
    meaning: "Errors are JSON in a form that no client knows.",
    killedBy: ["errors.have-code-and-message"],
    making: { kind: "worker" },
  },
  "errors.with-a-stack-trace": {
    meaning: "Messages of errors begin with a stack trace.",
    killedBy: ["errors.show-no-internals"],
    making: { kind: "worker" },
  },
  "errors.streamed-with-200": {
    meaning: "A request for a stream that is refused gets the status 200.",
    killedBy: ["errors.same-with-and-without-streaming"],
    seen: "https://github.com/sgl-project/sglang/pull/21900",
    making: { kind: "worker" },
  },
  "errors.without-retry-after": {
    meaning: "A full server does not say when to try again.",
    killedBy: ["errors.overload-says-when-to-retry"],
    making: { kind: "worker" },
  },
  "errors.hides-the-death-of-its-engine": {
    meaning: "When the process behind the server dies, streams end without a terminal event.",
    killedBy: ["errors.engine-dies-in-mid-stream"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;

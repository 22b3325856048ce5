import type { MutantDefinition } from "./define-mutant.js";

/** Defects of who may use the server, and of hostile requests. */
export const SECURITY_MUTANTS = {
  "security.binds-everything": {
    meaning: "The server listens on every interface without being told to.",
    killedBy: ["security.binds-loopback"],
    seen: "https://github.com/waybarrios/vllm-mlx/issues/338",
    making: { kind: "worker" },
  },
  "security.takes-every-host": {
    meaning: "The Host of a request, and the origin of the page that sends it, are not looked at.",
    killedBy: ["security.foreign-host-is-refused"],
    seen: "https://github.com/nomic-ai/gpt4all/pull/3587",
    making: { kind: "worker" },
  },
  "security.grants-every-origin": {
    meaning: "Web pages of every origin may read answers.",
    killedBy: ["security.web-page-cannot-read-answers"],
    seen: "https://github.com/ggml-org/llama.cpp/pull/25655",
    making: { kind: "worker" },
  },
  "security.takes-jobs-as-text": {
    meaning: "A job from a web page is taken, also as text/plain.",
    killedBy: ["security.web-page-cannot-run-jobs"],
    seen: "https://github.com/ggml-org/llama.cpp/pull/25606",
    making: { kind: "worker" },
  },
  "security.lenient-parser": {
    meaning: "Requests that are not valid HTTP are read as well as it goes.",
    killedBy: ["security.malformed-headers", "security.request-smuggling"],
    seen: "https://github.com/yhirose/cpp-httplib/pull/2516",
    making: { kind: "worker" },
  },
  "security.unlimited-headers": {
    meaning: "The headers of a request may have any size.",
    killedBy: ["security.oversize-headers"],
    making: { kind: "worker" },
  },
  "security.one-thread-for-each-connection": {
    meaning: "There is one thread for each connection, and there are 64 threads.",
    killedBy: ["security.half-open-connections"],
    making: { kind: "worker" },
  },
  "security.serves-files": {
    meaning: "A path with `..` leads to files of the machine.",
    killedBy: ["security.path-traversal"],
    making: { kind: "worker" },
  },
  "security.reflects-the-path": {
    meaning: "The page for an unknown path repeats the path as HTML.",
    killedBy: ["security.no-reflected-markup"],
    making: { kind: "worker" },
  },
  "security.logs-requests": {
    meaning: "The body of every request is logged.",
    killedBy: ["security.prompt-is-not-logged"],
    seen: "https://github.com/vllm-project/vllm/issues/1240",
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;

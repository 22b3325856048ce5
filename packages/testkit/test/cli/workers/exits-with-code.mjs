import { end, serve, started, token } from "./tiny-worker.mjs";

process.once("SIGTERM", () => process.exit(3));
serve((job) => [started(job), token("hi", 0), end(1, "eos")]);

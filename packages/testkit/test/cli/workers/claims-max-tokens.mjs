import { end, serve, started, token } from "./tiny-worker.mjs";

serve((job) => [started(job), token("one", 0), end(1, "max_tokens")]);

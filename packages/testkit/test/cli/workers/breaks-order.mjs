import { end, serve, started, token } from "./tiny-worker.mjs";

serve((job) => [started(job), token("first", 0), token("third", 2), end(2, "eos")]);

import { end, serve, started, token } from "./tiny-worker.mjs";

let jobCount = 0;
serve((job) => [started(job), token("job ", 0), token(String(++jobCount), 1), end(2, "eos")]);

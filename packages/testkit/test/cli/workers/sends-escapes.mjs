import { end, serve, started, token } from "./tiny-worker.mjs";

serve((job) => [started(job), token("\u001b[2Jcleared\n", 0), token("\u202eturned", 1), end(2, "eos")]);

import { AREAS, LEVELS } from "./areas.js";
import type { Check } from "./check.js";
import * as cancel from "./checks/cancel/cancel.js";
import * as concurrency from "./checks/concurrency/concurrency.js";
import * as isolation from "./checks/concurrency/isolation.js";
import * as determinism from "./checks/determinism/determinism.js";
import * as large from "./checks/length/large.js";
import * as atTheLimit from "./checks/length/at-the-limit.js";
import * as overload from "./checks/concurrency/overload.js";
import * as omitted from "./checks/sampling/omitted.js";
import * as overlapping from "./checks/stop/overlapping.js";
import * as slowReader from "./checks/stream/slow-reader.js";
import * as usage from "./checks/stream/usage.js";
import * as largeBody from "./checks/validation/large-body.js";
import * as parameters from "./checks/sampling/parameters.js";
import * as seed from "./checks/sampling/seed.js";
import * as matching from "./checks/stop/matching.js";
import * as wire from "./checks/stream/wire.js";
import * as prompts from "./checks/text/prompts-of-every-kind.js";
import * as bodies from "./checks/validation/bodies.js";
import * as disconnect from "./checks/disconnect/disconnect.js";
import * as errors from "./checks/errors/errors.js";
import * as identity from "./checks/identity/identity.js";
import * as maxTokens from "./checks/length/max-tokens.js";
import * as oneToken from "./checks/length/one-token.js";
import * as leftovers from "./checks/lifecycle/leftovers.js";
import * as shutdown from "./checks/lifecycle/shutdown.js";
import * as starts from "./checks/lifecycle/starts.js";
import * as memory from "./checks/memory/memory.js";
import * as metrics from "./checks/metrics/metrics.js";
import * as ready from "./checks/ready/ready.js";
import * as staysReady from "./checks/ready/stays-ready.js";
import * as security from "./checks/security/security.js";
import * as stop from "./checks/stop/stop.js";
import * as stream from "./checks/stream/stream.js";
import * as text from "./checks/text/text.js";
import * as validation from "./checks/validation/validation.js";

/** Every export of these files is a check. */
const FILES: readonly Readonly<Record<string, Check>>[] = [
  ready,
  stream,
  wire,
  text,
  prompts,
  maxTokens,
  oneToken,
  large,
  stop,
  matching,
  seed,
  parameters,
  determinism,
  validation,
  bodies,
  concurrency,
  isolation,
  ...[atTheLimit, overload, omitted, overlapping, slowReader, usage, largeBody],
  ...[identity, staysReady, shutdown, leftovers, starts, cancel, disconnect, metrics, memory, security, errors],
];

/** Every check: by area, then by level, then by id. */
export const CATALOGUE: readonly Check[] = FILES.flatMap((file) => Object.values(file)).sort(compare);

function compare(a: Check, b: Check): number {
  const byArea = Object.keys(AREAS).indexOf(a.area) - Object.keys(AREAS).indexOf(b.area);
  return byArea || LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.id < b.id ? -1 : 1);
}

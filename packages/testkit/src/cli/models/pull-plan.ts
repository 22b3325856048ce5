import { basename, dirname, join, resolve } from "node:path";
import { InvalidOptionError } from "../../errors/index.js";
import { TestModel } from "../../models/index.js";
import type { PullFlags } from "./flags.js";
import { KNOWN_MODELS } from "./known-models.js";

/** Which SHA-256 a file is compared with: the user's, the one known for this address, or the one that the server reports. */
export type HashSource = "given" | "known" | "server" | "none";

/** What a pull will do. */
export interface PullPlan {
  readonly name: string;
  readonly url: string;
  /** The final path of the file. */
  readonly path: string;
  readonly expected: ExpectedHash;
  readonly stallTimeoutMs: number;
}

/** The expected hash of the file and its origin; both are undefined together. */
export interface ExpectedHash {
  readonly sha256: string | undefined;
  readonly source: HashSource;
}

const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/**
 * Determines what to download, and from where.
 *
 * @throws {INVALID_OPTION} an unknown name without `--url`, a name that cannot be a file name, or an address of one of several files.
 */
export async function resolvePullPlan(name: string, options: Omit<PullFlags, "json" | "debug">): Promise<PullPlan> {
  const known = KNOWN_MODELS.find((model) => model.name === name);
  if (known !== undefined && known.source === undefined) throw createNothingToPull(name);
  const url = options.url ?? known?.source?.url;
  if (url === undefined || !FILE_NAME.test(name)) throw createUnknownName(name);
  checkIsOneFile(url);
  const folder = options.dir ?? dirname(TestModel.qwen2_5_0_5b().path);
  const fileName = known === undefined ? `${name}.gguf` : basename((await known.locate()).path);
  const knownSha256 = options.url === undefined ? known?.source?.sha256 : undefined;
  return {
    name,
    url,
    path: resolve(join(folder, fileName)),
    expected: resolveExpected(options.sha256, knownSha256),
    stallTimeoutMs: options.stallTimeout * 1000,
  };
}

function resolveExpected(given: string | undefined, known: string | undefined): ExpectedHash {
  if (given !== undefined) return { sha256: given, source: "given" };
  return known === undefined ? { sha256: undefined, source: "none" } : { sha256: known, source: "known" };
}

function checkIsOneFile(url: string): void {
  const { pathname } = new URL(url);
  if (!/-\d{5}-of-\d{5}\.gguf$|\.part\d+of\d+$/i.test(pathname)) return;
  throw new InvalidOptionError({
    message: `Expected \`--url\` to be a model in one file, got one of several: \`${url}\``,
  });
}

function createUnknownName(name: string): InvalidOptionError {
  const names = KNOWN_MODELS.filter(({ source }) => source !== undefined).map((model) => `\`${model.name}\``);
  return new InvalidOptionError({
    message: `Expected the name of a model, ${names.join(" or ")}, got \`${name}\``,
    hint: "With --url any other model can be pulled; its name then becomes the file name, of letters, digits, dots and dashes.",
  });
}

function createNothingToPull(name: string): InvalidOptionError {
  return new InvalidOptionError({
    message: `Expected a model that can be downloaded, got \`${name}\`, which is generated on this machine`,
    hint: "Just use it: `TestModel.synthetic()` writes it to the cache folder on first use.",
  });
}

import { InvalidOptionError } from "../../errors/index.js";

/** What computes: the processor, or a GPU through CUDA, Vulkan or Metal. */
export const ENGINE_BACKENDS = ["cpu", "cuda", "vulkan", "metal"] as const;
export type EngineBackend = (typeof ENGINE_BACKENDS)[number];

/** A machine as npm names it. */
export interface EngineMachine {
  /** `linux`, `darwin` … */
  readonly platform: string;
  /** `x64`, `arm64` … */
  readonly arch: string;
}

const PREFIX = "@node-llama-cpp/";

/**
 * The packages with the libraries of a back end, with their versions. Each back end needs those of the processor too, which on a Mac with
 * Apple silicon are the ones of Metal.
 *
 * @param available the optional dependencies of node-llama-cpp: name to version.
 * @param backend the default is Metal where there is nothing else, else the processor.
 * @throws {INVALID_OPTION} there are none for this machine.
 */
export function choosePlatformPackages(
  available: Readonly<Record<string, string>>,
  backend: EngineBackend | undefined,
  { platform, arch }: EngineMachine,
): { readonly backend: EngineBackend; readonly packages: readonly string[] } {
  const base = `${PREFIX}${platform === "darwin" ? "mac" : platform}-${arch}`;
  const fit = Object.keys(available).filter((name) => name === base || name.startsWith(`${base}-`));
  const found = ENGINE_BACKENDS.filter((one) => fit.some((name) => backendOf(name, base) === one));
  const chosen = backend ?? found[0];
  if (chosen === undefined || !found.includes(chosen)) {
    const here = `${platform} ${arch}`;
    if (found.length === 0)
      throw new InvalidOptionError({
        message: `Expected a machine that node-llama-cpp has libraries for, got ${here}`,
      });
    const wanted = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(found);
    throw new InvalidOptionError({ message: `Expected the back end to be ${wanted}, got \`${chosen}\` on ${here}` });
  }
  const packages = fit.filter((name) => ["cpu", chosen].includes(backendOf(name, base)));
  return { backend: chosen, packages: packages.map((name) => `${name}@${available[name]}`) };
}

/** CUDA has a second package for older devices. */
function backendOf(name: string, base: string): string {
  return name === base ? "cpu" : (name.slice(base.length + 1).split("-")[0] ?? "");
}

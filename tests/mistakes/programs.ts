import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

/** What is compiled or interpreted by something that a machine may not have. */
export type Language = "node" | "python" | "go" | "rust";

const VERSION: Readonly<Record<Language, readonly [string, ...string[]]>> = {
  node: [process.execPath, "--version"],
  python: ["python3", "--version"],
  go: ["go", "version"],
  rust: ["rustc", "--version"],
};
const COMPILER = { go: ["go", "build"], rust: ["rustc"] } as const;
const COMPILE_TIMEOUT_MS = 280_000;

/** Whether the language can be used here. */
export function hasLanguage(language: Language): boolean {
  const [program, ...args] = VERSION[language];
  return spawnSync(program, args, { stdio: "ignore", timeout: 60_000 }).status === 0;
}

/** Programs that are compiled when they are first needed, each once. */
export class Programs {
  readonly #folder = mkdtempSync(join(tmpdir(), "healthy-workers-"));
  readonly #built = new Map<string, Promise<string>>();

  /** The command of a source file, with its first argument if it is interpreted. */
  async command(language: Language, source: string): Promise<readonly [string, ...string[]]> {
    if (language === "node") return [process.execPath, source];
    if (language === "python") return ["python3", source];
    const built = this.#built.get(source) ?? this.#compile(language, source);
    this.#built.set(source, built);
    return [await built];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #compile(language: "go" | "rust", source: string): Promise<string> {
    const output = join(this.#folder, `${this.#built.size}-${basename(source).replace(/\.\w+$/, "")}`);
    const [program, ...leading] = COMPILER[language];
    const env = { ...process.env, GOTOOLCHAIN: "local" };
    const options = { cwd: dirname(source), env, timeout: COMPILE_TIMEOUT_MS };
    await promisify(execFile)(program, [...leading, "-o", output, basename(source)], options);
    return output;
  }
}

import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { supportFile } from "./foreign.js";
import { createTemporaryFolder } from "./temporary-folder.js";

/** What a fake tool answers. */
export interface FakeToolAnswers {
  /** Standard output for the arguments of a call, joined by spaces; other arguments are an error. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Standard error of every call. */
  readonly errors?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly hangs?: boolean | undefined;
}

/** A program that answers like a tool of a GPU vendor. */
export interface FakeTool extends AsyncDisposable {
  /** For the option `gpuCommand`. */
  readonly gpuCommand: readonly [string, ...string[]];
  /** Answers this from now on. */
  set(answers: FakeToolAnswers): Promise<void>;
  /** Installs it under a name in a folder, for a PATH. */
  install(folder: string, name: string): Promise<void>;
}

/** A fake tool; leaving its scope removes its files. */
export async function createFakeTool(initial: FakeToolAnswers): Promise<FakeTool> {
  const folder = await createTemporaryFolder();
  await mkdir(join(folder.path, "answers"));
  const put = async (name: string, text: string | undefined): Promise<void> => {
    const path = join(folder.path, name);
    if (text === undefined) return rm(path, { force: true });
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path); // a read meanwhile gets the old or the new answer, never half of one
  };
  const set = async ({ answers = {}, errors, exitCode, hangs }: FakeToolAnswers): Promise<void> => {
    const marks = [put("exit-code", exitCode?.toString()), put("hangs", hangs === true ? "" : undefined)];
    const files = Object.entries(answers).map(([args, text]) =>
      put(`answers/${args.replace(/[^a-z0-9]/gi, "_")}`, text),
    );
    await Promise.all([...marks, ...files, put("errors", errors)]);
  };
  await set(initial);
  const script = supportFile("fake-gpu-tool.sh");
  const install = async (target: string, name: string): Promise<void> => {
    await writeFile(join(target, name), `#!/bin/sh\nexec /bin/sh '${script}' '${folder.path}' "$@"\n`);
    await chmod(join(target, name), 0o755);
  };
  const gpuCommand = ["/bin/sh", script, folder.path] as const;
  return { gpuCommand, set, install, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** What the fake `nvidia-smi` answers; what is left out is an empty answer. */
export interface FakeGpuAnswers {
  /** To `--query-gpu=index,uuid,memory.used,memory.total,name`. */
  readonly gpus?: string;
  /** To `--query-compute-apps=gpu_uuid,pid,used_gpu_memory`. */
  readonly apps?: string;
  /** To `-L`. */
  readonly list?: string;
  readonly exitCode?: number;
  readonly hangs?: boolean;
}

/** A program that answers like `nvidia-smi`. */
export interface FakeGpu extends AsyncDisposable {
  /** The options that make the testkit use it. */
  readonly options: { readonly gpuBackend: "nvidia"; readonly gpuCommand: readonly [string, ...string[]] };
  /** Answers this from now on. */
  set(answers: FakeGpuAnswers): Promise<void>;
}

/** A fake `nvidia-smi`; leaving its scope removes its files. */
export async function createFakeGpu(initial: FakeGpuAnswers): Promise<FakeGpu> {
  const tool = await createFakeTool(nvidiaAnswers(initial));
  return {
    options: { gpuBackend: "nvidia", gpuCommand: tool.gpuCommand },
    set: (answers) => tool.set(nvidiaAnswers(answers)),
    [Symbol.asyncDispose]: () => tool[Symbol.asyncDispose](),
  };
}

/** The answers of `nvidia-smi` by arguments. */
export function nvidiaAnswers({ gpus = "", apps = "", list = "", exitCode, hangs }: FakeGpuAnswers): FakeToolAnswers {
  const format = "--format=csv,noheader,nounits";
  const answers = {
    [`--query-gpu=index,uuid,memory.used,memory.total,name ${format}`]: gpus,
    [`--query-compute-apps=gpu_uuid,pid,used_gpu_memory ${format}`]: apps,
    "-L": list,
  };
  return { answers, exitCode, hangs };
}

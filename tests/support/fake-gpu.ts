import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { supportFile } from "./foreign.js";
import { createTemporaryFolder } from "./temporary-folder.js";

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
  /** For the option `nvidiaSmi`. */
  readonly nvidiaSmi: readonly string[];
  /** Answers this from now on. */
  set(answers: FakeGpuAnswers): Promise<void>;
}

/** A fake `nvidia-smi`; leaving its scope removes its files. */
export async function createFakeGpu(answers: FakeGpuAnswers): Promise<FakeGpu> {
  const folder = await createTemporaryFolder();
  const put = async (name: string, text: string | undefined): Promise<void> => {
    const path = join(folder.path, name);
    if (text === undefined) return rm(path, { force: true });
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path); // whoever reads meanwhile gets the old or the new answer, never half of one
  };
  const set = async ({ gpus = "", apps = "", list = "", exitCode, hangs }: FakeGpuAnswers): Promise<void> => {
    const marks = [put("exit-code", exitCode?.toString()), put("hangs", hangs === true ? "" : undefined)];
    await Promise.all([put("gpus", gpus), put("apps", apps), put("list", list), ...marks]);
  };
  await set(answers);
  const nvidiaSmi = ["/bin/sh", supportFile("fake-nvidia-smi.sh"), folder.path];
  return { nvidiaSmi, set, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

import { resolve } from "node:path";
import { RECORD_OPTIONS, type Recording, type RecordOptions } from "../../evidence/index.js";
import { oneOf, required, text } from "../../options/index.js";
import { defineMethod, param } from "../method.js";
import { handle, optionsOf } from "../values.js";

const recording = param("a recording", handle());

/** Methods on recordings of the traffic of a worker. */
export const EVIDENCE_METHODS = {
  "worker.recordTo": defineMethod({
    summary: "Records all traffic of this worker and writes it to a folder when the worker is stopped.",
    params: {
      worker: param("a worker", handle()),
      folder: param("path of the folder", required(text({ filled: true }))),
      options: param("those of `recordTo()`", optionsOf<RecordOptions>(RECORD_OPTIONS)),
    },
    result: "`{ recording, folder, isWritten }`",
    run: async ({ state }, { worker, folder, options }) => {
      const begun = await state.workers.get("params.worker", worker).recordTo(resolve(folder), options);
      return { recording: state.recordings.add(begun), ...describe(begun) };
    },
  }),
  "recording.verdict": defineMethod({
    summary: "Adds a judgement to `verdicts.json`.",
    params: {
      recording,
      name: param("what was judged", required(text({ filled: true }))),
      status: param("the judgement", required(oneOf(["pass", "fail", "skip"]))),
      message: param("why", text()),
    },
    result: "`{ folder, isWritten }`",
    run: ({ state }, { recording: one, name, status, message }) => {
      const found = state.recordings.get("params.recording", one);
      found.verdict(name, status, message);
      return describe(found);
    },
  }),
  "recording.fail": defineMethod({
    summary: "Reports that the test failed: the bundle is kept, also after the worker was stopped.",
    params: { recording, message: param("the failure", required(text())) },
    result: "`{ folder, isWritten }`",
    run: async ({ state }, { recording: one, message }) => {
      const found = state.recordings.get("params.recording", one);
      await found.fail(new Error(message));
      return describe(found);
    },
  }),
  "recording.keep": defineMethod({
    summary: "Keeps the bundle regardless of the outcome.",
    params: { recording },
    result: "`{ folder, isWritten }`",
    run: async ({ state }, { recording: one }) => {
      const found = state.recordings.get("params.recording", one);
      await found.keep();
      return describe(found);
    },
  }),
} as const;

function describe({ folder, isWritten }: Recording): { readonly folder: string; readonly isWritten: boolean } {
  return { folder, isWritten };
}

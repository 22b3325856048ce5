import {
  ATTACH_OPTIONS,
  gpuDevice,
  MOCK_OPTIONS,
  modelPath,
  PROGRAM_OPTIONS,
  WORKER_OPTIONS,
  WorkerTestHarness,
  type AttachOptions,
  type MockWorkerOptions,
  type ProgramOptions,
  type WorkerOptions,
} from "../../harness/index.js";
import { TestModel } from "../../models/index.js";
import { checkOption, oneOf, required, text } from "../../options/index.js";
import { servers } from "../../servers/index.js";
import type { EngineState } from "../engine-state.js";
import { defineMethod, param, type Call } from "../method.js";
import { handle, optionsOf } from "../values.js";
import { describeWorker } from "./describe-worker.js";

const WORKER =
  "`{ worker, workerId, baseUrl, port, pid, readyAfterMs, portOwner, exitInfo, dialect, model, server, recognizedBy }`";
type ServerPreset = Parameters<(typeof servers)["llamaServer"]>[0];

const PRESETS = Object.keys(servers) as (keyof typeof servers)[];

interface Started {
  readonly worker: string;
}

/** Methods that get a worker, and end it. */
export const START_METHODS = {
  "worker.startMock": defineMethod({
    summary: "Starts the bundled worker in stub mode.",
    params: { options: param("those of `startMock()`", optionsOf<MockWorkerOptions>(MOCK_OPTIONS)) },
    result: WORKER,
    run: (call, { options }) => add(call, (signal) => WorkerTestHarness.startMock({ ...options, signal })),
    undo: undoStart,
  }),
  "worker.start": defineMethod({
    summary: "Starts the bundled worker with a model.",
    params: {
      modelPath: param("path of a GGUF file", required(modelPath())),
      gpuDevice: param("GPU number; -1 is the CPU", required(gpuDevice())),
      options: param("those of `start()`", optionsOf<WorkerOptions>(WORKER_OPTIONS)),
    },
    result: WORKER,
    run: (call, { modelPath: path, gpuDevice: device, options }) =>
      add(call, (signal) => WorkerTestHarness.start(path, device, { ...options, signal })),
    undo: undoStart,
  }),
  "worker.launch": defineMethod({
    summary: "Starts any program that serves.",
    params: { options: param("those of `launch()`", required(optionsOf<ProgramOptions>(PROGRAM_OPTIONS))) },
    result: WORKER,
    run: (call, { options }) => add(call, (signal) => WorkerTestHarness.launch({ ...options, signal })),
    undo: undoStart,
  }),
  "worker.attach": defineMethod({
    summary: "Attaches to a running server.",
    params: {
      url: param("`http://host:port`", required(text({ filled: true }))),
      options: param("those of `attach()`", optionsOf<AttachOptions>(ATTACH_OPTIONS)),
    },
    result: WORKER,
    run: (call, { url, options }) => add(call, (signal) => WorkerTestHarness.attach(url, { ...options, signal })),
    undo: undoStart,
  }),
  "worker.stop": defineMethod({
    summary:
      "Stops a worker and everything it started; fails as `stop()` does. Its log and recordings stay known for a while.",
    params: { worker: param("a worker", handle()) },
    result: "the stop report, or `null` for an attached worker",
    run: (call, { worker }) => call.state.stop(worker),
  }),
  "worker.info": defineMethod({
    summary: "What is known about a worker now.",
    params: { worker: param("a worker", handle()) },
    result: WORKER,
    run: (call, { worker }) => describeWorker(worker, call.state.workers.get("params.worker", worker)),
  }),
  "model.synthetic": defineMethod({
    summary: "The generated test model; it is written once and needs no download.",
    params: {},
    result: "`{ name, path, numLayers, numKvHeads, headDim, vocabSize }`",
    run: async () => {
      const { name, path, numLayers, numKvHeads, headDim, vocabSize } = await TestModel.synthetic();
      return { name, path, numLayers, numKvHeads, headDim, vocabSize };
    },
  }),
  "server.preset": defineMethod({
    summary: "Options of `worker.launch` for a server that others wrote.",
    params: {
      name: param("the server", required(oneOf(PRESETS))),
      options: param("`model`, `alias`, `parallel`, `contextSize`, `threads`, `args`", required(presetOptions())),
    },
    result: "the options",
    run: (_, { name, options }) => servers[name](options),
  }),
} as const;

async function add(
  { state, signal }: Call,
  start: (signal: AbortSignal) => Promise<WorkerTestHarness>,
): Promise<Started> {
  const harness = await start(signal);
  const worker = state.workers.add(harness);
  return { worker, ...describeWorker(worker, harness) };
}

async function undoStart(state: EngineState, { worker }: Started): Promise<void> {
  await state.stop(worker);
}

/** The preset checks them itself. */
function presetOptions() {
  return {
    read: (name: string, value: unknown): ServerPreset => {
      checkOption(typeof value === "object" && value !== null, name, { wanted: "an object", value });
      return value as ServerPreset;
    },
  };
}

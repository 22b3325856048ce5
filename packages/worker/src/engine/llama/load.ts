import { availableParallelism } from "node:os";
import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import { WorkerError } from "inference-worker-protocol";
import type { Engine, EngineInfo, LoadProgress } from "../engine.js";
import { assertFitsDevice, isFullyOnGpu, openDevice, type Device } from "./device.js";

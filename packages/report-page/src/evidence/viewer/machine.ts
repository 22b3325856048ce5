import { h } from "../../dom.js";
import { formatTime } from "../../format.js";
import { formatBytes, formatCount, formatMs, type PageBundle } from "../../testkit.js";
import { describeExit, factCard } from "./facts.js";

/** The worker, the machine, and the recording itself. */
export function machineView({ metadata, folder }: PageBundle): HTMLElement {
  const { worker, machine, dialect, createdAt, transcript, dropped, schemaVersion } = metadata;
  const { modelFile, exit, portOwner } = worker;
  return h(
    "div",
    { class: "grid" },
    factCard("Worker", [
      ["id", worker.id],
      ["address", worker.url],
      ["dialect", dialect],
      ["version", worker.version],
      ["command", worker.command],
      ["arguments", worker.args?.join(" ")],
      ["pid", worker.pid],
      ["started", worker.startCount === undefined ? undefined : `${worker.startCount} ×`],
      ["ready after", worker.readyAfterMs === undefined ? undefined : formatMs(worker.readyAfterMs)],
      ["exit", exit === undefined ? undefined : describeExit(exit)],
      ["port owner", portOwner === undefined ? undefined : JSON.stringify(portOwner)],
      ["model", worker.model],
      ["device", worker.device],
      ["model file", modelFile?.path],
      ["size", modelFile?.sizeBytes === undefined ? undefined : formatBytes(modelFile.sizeBytes)],
      ["SHA-256", modelFile?.sha256 ?? modelFile?.skipped],
    ]),
    factCard("Machine", [
      ["processor", machine.cpu],
      ["cores", machine.cores],
      ["memory", formatBytes(machine.memoryBytes)],
      ["platform", machine.platform],
      ["release", machine.release],
      ["Node.js", machine.node],
    ]),
    factCard("Recording", [
      ["began", formatTime(createdAt)],
      ["folder", folder],
      ["version", schemaVersion],
      ["lines of the transcript", formatCount(transcript.lineCount)],
      ["lines left out", formatCount(transcript.droppedLineCount)],
      ["seeds left out", formatCount(dropped.seeds)],
      ["timings left out", formatCount(dropped.timings)],
      ["log lines left out", formatCount(dropped.logLines)],
    ]),
  );
}

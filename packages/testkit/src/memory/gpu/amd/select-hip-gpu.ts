import type { GpuTarget } from "../backend.js";

/** A GPU as an AMD tool lists it. */
export interface HipGpu {
  /** Its index in the tool. */
  readonly index: number;
  readonly name: string;
  /** Its UUIDs; the first one is shown. */
  readonly uuids: readonly string[];
  /** The number that HIP orders by; `undefined` if the tool prints none. */
  readonly hipOrder: number | undefined;
}

/** A GPU at its position in a list, and whether that position is certain. */
interface Place {
  readonly gpu: HipGpu;
  readonly isSure: boolean;
}

/** Which tool lists which GPUs. */
export interface HipGpuList<Gpu extends HipGpu> {
  readonly tool: string;
  readonly gpus: readonly Gpu[];
}

/**
 * Finds the GPU that a HIP program with this environment uses. `ROCR_VISIBLE_DEVICES` is applied first, even if it is empty.
 * `HIP_VISIBLE_DEVICES` selects from the result, or `CUDA_VISIBLE_DEVICES` if that is empty or not set. Each lists numbers or UUIDs
 * and ends at the first entry that does not name a GPU, as in ROCr (`ROCR_VISIBLE_DEVICES` in its `flag.h`) and in the HIP runtime
 * (`rocdevice.cpp` of ROCm/clr). A number needs the order of HIP: if the tool does not print it and the GPUs differ, a number is
 * rejected.
 */
export function selectHipGpu<Gpu extends HipGpu>(
  { device, env }: GpuTarget,
  { tool, gpus }: HipGpuList<Gpu>,
): { readonly gpu: Gpu } | { readonly missing: string } {
  const listed = `${tool} lists ${gpus.map(describeGpu).join(", ")}`;
  if (typeof device === "string") return findByUuid(device, gpus, listed);
  const { ROCR_VISIBLE_DEVICES: rocr, HIP_VISIBLE_DEVICES: hip = "", CUDA_VISIBLE_DEVICES: cuda = "" } = env;
  const runtime = rocr === undefined ? orderGpus(gpus) : applyList(rocr, orderGpus(gpus));
  const list = hip === "" ? cuda : hip;
  const place = (list === "" ? runtime : applyList(list, runtime))[device];
  if (place === undefined) return { missing: `${describeAbsence(device, env)}; ${listed}` };
  if (place.isSure) return { gpu: place.gpu as Gpu };
  return { missing: `${tool} does not print in which order HIP counts: name the GPU by its UUID; ${listed}` };
}

/** HIP does not see a GPU without a number if others have one. */
function orderGpus(gpus: readonly HipGpu[]): readonly Place[] {
  const numbered = gpus.filter(({ hipOrder }) => hipOrder !== undefined);
  const isSure = numbered.length > 0 || new Set(gpus.map(({ name }) => name)).size <= 1;
  const chosen = numbered.length > 0 ? numbered : gpus;
  const key = ({ hipOrder, index }: HipGpu): number => hipOrder ?? index;
  return chosen.toSorted((a, b) => key(a) - key(b)).map((gpu) => ({ gpu, isSure }));
}

function applyList(list: string, places: readonly Place[]): readonly Place[] {
  const chosen: Place[] = [];
  for (const entry of list.split(",").map((word) => word.trim())) {
    const isNumber = /^\d+$/.test(entry);
    const byUuid = isNumber ? undefined : places.find(({ gpu }) => hasUuid(gpu, entry));
    const place = isNumber ? places[Number(entry)] : byUuid && { ...byUuid, isSure: true };
    if (place === undefined) break;
    chosen.push(place);
  }
  return chosen;
}

function findByUuid<Gpu extends HipGpu>(
  uuid: string,
  gpus: readonly Gpu[],
  listed: string,
): { readonly gpu: Gpu } | { readonly missing: string } {
  const [gpu, second] = gpus.filter((each) => hasUuid(each, uuid));
  if (gpu !== undefined && second === undefined) return { gpu };
  return { missing: `${gpu === undefined ? "no GPU has" : "several GPUs have"} the UUID ${uuid}; ${listed}` };
}

function hasUuid({ uuids }: HipGpu, beginning: string): boolean {
  return beginning !== "" && uuids.some((uuid) => uuid.toLowerCase().startsWith(beginning.toLowerCase()));
}

function describeAbsence(device: number, env: GpuTarget["env"]): string {
  const names = ["ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"];
  const set = names.filter((name) => env[name] !== undefined).map((name) => `${name}=${env[name] ?? ""}`);
  return set.length === 0 ? `there is no GPU ${device}` : `GPU ${device} is not visible with ${set.join(" ")}`;
}

function describeGpu({ index, name, uuids }: HipGpu): string {
  return `${index} (${name}, ${uuids[0] ?? "no UUID"})`;
}

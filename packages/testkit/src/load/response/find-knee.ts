import { formatMs, formatNumber, formatShare } from "../../numbers/index.js";
import { describeOffered, type Knee, type LoadResponse, type LoadStep } from "./load-response.js";

/** Fewer values have no knee between them. */
const LEAST_VALUES = 3;
/** On both sides of a knee, power is at most this share of its maximum: noise alone makes no knee. */
const CLEAR_SHARE = 0.9;

type Unit = LoadResponse["offeredUnit"];

/**
 * The step with the most *power*, which is throughput divided by mean latency (Kleinrock 1979). Up to it, more load gains more throughput
 * than it costs latency; beyond it, the other way round. In a closed loop, twice the clients then give less than 1.4 times the throughput.
 * For a server with `n` slots and a fixed service time, it is the step that just fills the slots.
 */
export function findKnee(steps: readonly LoadStep[], unit: Unit): Knee {
  const ascending = [...steps].sort((a, b) => a.offered - b.offered);
  if (new Set(ascending.map(({ offered }) => offered)).size < LEAST_VALUES)
    return none(`it takes at least ${LEAST_VALUES} different values of the load`);
  const powers = ascending.map((step) => powerOf(step));
  const most = Math.max(...powers);
  const at = powers.indexOf(most);
  const knee = ascending[at];
  if (knee === undefined || most === 0) return none("no request was ok");
  const rises = powers.slice(0, at).some((power) => power <= CLEAR_SHARE * most);
  const falls = powers.slice(at + 1).some((power) => power <= CLEAR_SHARE * most);
  if (rises && falls) return { status: "found", step: steps.indexOf(knee), message: describeKnee(ascending, at, unit) };
  return none(describeMissing(ascending, { rises, falls, unit }));
}

function none(reason: string): Knee {
  return { status: "none", message: `no knee found: ${reason}` };
}

/** Throughput in requests/s divided by latency in s. */
function powerOf({ achievedPerSec, e2eMeanMs }: LoadStep): number {
  return e2eMeanMs === null || e2eMeanMs <= 0 ? 0 : (achievedPerSec * 1000) / e2eMeanMs;
}

function describeKnee(ascending: readonly LoadStep[], at: number, unit: Unit): string {
  const [knee, next] = [ascending[at] as LoadStep, ascending[at + 1] as LoadStep];
  const here = `knee at ${describeOffered(knee.offered, unit)}: ${formatNumber(knee.achievedPerSec)} requests/s, ${formatMs(knee.e2eMeanMs)} end to end`;
  const gain = next.achievedPerSec / knee.achievedPerSec - 1;
  const change = `${gain < 0 ? "−" : "+"}${formatShare(Math.abs(gain))}`;
  const cost = next.e2eMeanMs === null ? "no request is ok" : `${formatMs(next.e2eMeanMs)} end to end`;
  return `${here}; with ${describeOffered(next.offered, unit)}, throughput changes by ${change}, and latency is ${cost}`;
}

function describeMissing(
  ascending: readonly LoadStep[],
  { rises, falls, unit }: { rises: boolean; falls: boolean; unit: Unit },
): string {
  const [lowest, highest] = [ascending[0] as LoadStep, ascending.at(-1) as LoadStep];
  if (!rises && !falls) return "throughput and latency grow at the same pace over all values";
  if (rises) {
    return `up to ${describeOffered(highest.offered, unit)}, more load gains more throughput than it costs latency; try higher values`;
  }
  return `from ${describeOffered(lowest.offered, unit)} on, more load costs more latency than it gains throughput; try lower values`;
}

import type { CheckContext } from "../context.js";

/** The largest of the answers that the server has for a GET, so that few requests fill the buffers. */
export async function findLargestAnswer({ target, server }: CheckContext) {
  const { metrics, models } = target.dialect;
  const known = [
    server.probes.noMetrics === undefined ? metrics?.path : undefined,
    server.probes.noModels === undefined ? models?.path : undefined,
  ];
  const sizes = [];
  for (const path of ["/", ...known].filter((each) => each !== undefined)) {
    const { text, headers } = await target.send(path, { method: "GET" });
    sizes.push({ path, answerBytes: Buffer.byteLength(text) + JSON.stringify(headers).length });
  }
  return sizes.reduce((largest, each) => (each.answerBytes > largest.answerBytes ? each : largest));
}

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { ServerSource } from "../../../src/conformance/server/server-source.js";
import type { DialectName } from "../../../src/dialects/index.js";
import { WorkerTestHarness } from "../../../src/harness/index.js";

/** A server in this process, by the address of which a harness is attached. */
export async function serve(listener: RequestListener, dialect: DialectName = "openai-chat"): Promise<ServerSource> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const harness = await WorkerTestHarness.attach(url, { dialect, model: "any" });
  onTestFinished(async () => {
    await harness.stop();
  });
  return { kind: "running", harness };
}

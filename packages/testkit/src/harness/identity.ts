import type { CallOptions, WorkerClient } from "../client/index.js";
import { WrongIdentityError } from "../errors/index.js";

/**
 * Asks who answers on the port. A stranger there is an error, not a pass.
 *
 * @throws {WRONG_IDENTITY} the answer carries another `worker_id`, or none.
 */
export async function validateIdentity(client: WorkerClient, workerId: string, options: CallOptions): Promise<void> {
  const response = await client.request("/health", options);
  const body = (await response.json()) as { worker_id?: unknown } | null;
  const answered = body?.worker_id;
  if (answered === workerId) return;
  const got = typeof answered === "string" ? `\`${answered}\`` : "an answer without a worker_id";
  throw new WrongIdentityError({
    message: `${client.baseUrl}/health should be worker \`${workerId}\`, but it is ${got}`,
    details: { url: client.baseUrl, expected: workerId, status: response.status },
  });
}

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { collectSseEvents, readEvidence, replay, WorkerTestHarness, type RecordOptions } from "inference-testkit";
import { readWhole } from "./support/evidence.js";
import { foreignWorker, supportFile } from "./support/foreign.js";
import { complete, makeRequest } from "./support/jobs.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

describe("redaction", () => {
  const PROMPT = "the-secret-prompt";
  const TEXT = "my-private-answer";

  async function recordSecrets(folder: string, options: RecordOptions): Promise<string> {
    const args = [supportFile("workers/chatty-worker.mjs"), "{port}", "{workerId}", TEXT];
    const worker = await WorkerTestHarness.launch(
      foreignWorker({ args, allow: ["MAX_TOKENS_EXCEEDED", "STOP_REASON_WRONG"] }),
    );
    const recording = await worker.recordTo(folder, options);
    for (const kind of ["complete", "refuse", "fail", "break", "garble"]) {
      const request = {
        ...makeRequest({ prompt: `${kind} ${PROMPT}`, stop: [PROMPT] }),
        messages: [{ content: PROMPT }],
      };
      const headers = { "x-note": PROMPT, authorization: "Bearer the-key" };
      const response = await worker.execute(request, { headers });
      await collectSseEvents(response).catch((error: unknown) => recording.fail(error));
    }
    await worker.request(`/execute?q=${PROMPT}`, { method: "POST", body: `{"prompt":"refuse ${PROMPT}"}` });
    recording.verdict("quotes", "fail", `${PROMPT} gave ${TEXT}`);
    await worker.stop();
    return await readWhole(folder);
  }

  /** Words of the secrets, as they could appear in any encoding in the bundle; `answ` is a part of a token. */
  const SECRETS = [PROMPT, TEXT, "my-p", "riva", "te-a", Buffer.from(TEXT).toString("base64").slice(2, 14)];

  test("`true` leaves no prompts or text anywhere, and streams are judged as before", async () => {
    await using folder = await createTemporaryFolder();
    const whole = await recordSecrets(folder.path, { redact: true, testName: PROMPT });

    for (const secret of [...SECRETS, "the-key"]) expect(whole).not.toContain(secret);
    const { jobs, log, verdicts, metadata } = await readEvidence(folder.path);
    expect(metadata.redacted).toEqual({ prompts: true, text: true, log: true });
    const sha256 = createHash("sha256").update(`complete ${PROMPT}`).digest("hex");
    expect(jobs[0]!.body).toMatchObject({ prompt: `[redacted: 26 characters, sha256 ${sha256}]`, max_tokens: 20 });
    expect(jobs.map(({ outcome }) => outcome?.status)).toEqual([
      "complete",
      "answered",
      "worker-error",
      "invalid-event",
      "truncated",
      "unread",
    ]);
    const tokens = jobs[0]!.stream.events.flatMap((event) => (event.type === "token" ? [event.t] : []));
    expect(tokens).toEqual(["••••", "••••", "••••", "••••", "•"]);
    expect(log.length).toBeGreaterThan(5);
    expect(verdicts.verdicts.map(({ name }) => name)).toContain("quotes");
  });

  test("without it, everything except credentials is kept", async () => {
    await using folder = await createTemporaryFolder();
    const whole = await recordSecrets(folder.path, {});

    for (const secret of SECRETS.slice(0, 5)) expect(whole).toContain(secret);
    expect(whole).not.toContain("the-key");
  });

  test("prompts only", async () => {
    await using folder = await createTemporaryFolder();
    const whole = await recordSecrets(folder.path, { redact: { prompts: true } });

    expect(whole).not.toContain(PROMPT);
    expect((await replay(folder.path))[0]!.events).toContainEqual({ type: "token", t: "my-p", i: 0 });
  });

  test("the bundled worker's log is kept: it contains neither, and the stub's script is not in the arguments", async () => {
    await using folder = await createTemporaryFolder();
    await using worker = await WorkerTestHarness.startMock({ stub: { content: { script: [TEXT] } } });
    await worker.recordTo(folder.path, { redact: true });
    await complete(worker, { prompt: PROMPT });
    await worker.stop();

    const whole = await readWhole(folder.path);
    for (const secret of [PROMPT, TEXT]) expect(whole).not.toContain(secret);
    const { log, metadata } = await readEvidence(folder.path);
    expect(metadata.redacted.log).toBe(false);
    expect(log.map(({ text }) => text).join("\n")).toContain("execute_end");
    expect(metadata.worker.args).toContain("--stub-config");
  });
});

import type { RawAnswer } from "../../target/raw-answer.js";
import { expect, fail, show } from "../../verdict.js";

/** The data of the messages of a stream, in either framing. */
export function readMessages(answer: RawAnswer, framing: "sse" | "ndjson"): string[] {
  expect("answer", answer.describe()).toSatisfy("status 200", () => answer.status === 200);
  expect("body", answer.problem).toBe(undefined);
  if (framing === "ndjson") return answer.text.split("\n").filter((line) => line.trim() !== "");
  const blocks = answer.text.replaceAll(/\r\n?/g, "\n").split("\n\n");
  const data = blocks.map((block) =>
    block
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).replace(/^ /, ""))
      .join("\n"),
  );
  return data.filter((each) => each !== "");
}

/** Fails unless a message is a JSON object. */
export function expectObject(message: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // reported below
  }
  return fail({ expected: "a message that is a JSON object", got: show(message) });
}

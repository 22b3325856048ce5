// What every client of the tests is asked to do, and how a test asks for it: one JSON line in, one JSON line out.
import { createInterface } from "node:readline";

export const PROMPT = "How is the weather in Paris?";
export const TOOL = { name: "weather", description: "The weather of a city" };
export const TOOL_RESULT = "sunny";
/** How many pieces of a stream are read before it is aborted. */
export const ABORT_AFTER = 3;

/** Answers one request after the other with the function of its name, until the input ends: what is open stays open until then. */
export async function serve(client) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { run, ...options } = JSON.parse(line);
    const answer = await client[run](options).catch(describeError);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

/** An error as the application of a client would see it. */
function describeError(error) {
  const { statusCode, status = statusCode } = error;
  return { error: { class: error.constructor.name, status, message: String(error.message) } };
}

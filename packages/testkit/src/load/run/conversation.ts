import type { ExecuteBody } from "../../client/index.js";
import { isRecord } from "../../options/index.js";

/**
 * A conversation: its first request, and what the user says after each answer. The next request is sent when the answer is complete, and has
 * what was really answered. A request with `messages` gets two more of them; one with a `prompt` gets its continuation.
 */
export interface Conversation {
  readonly request: ExecuteBody;
  readonly followUps: readonly string[];
}

/** A request, or a conversation that begins with one. */
export type LoadRequest = ExecuteBody | Conversation;

/** Whether it has more than one request. */
export function isConversation(given: LoadRequest): given is Conversation {
  const { request, followUps } = given as Partial<Conversation>;
  return isRecord(request) && Array.isArray(followUps) && followUps.every((text) => typeof text === "string");
}

/** What was sent and answered, and what the user says to it. */
export interface AnsweredTurn {
  readonly request: ExecuteBody;
  readonly answer: string;
  readonly next: string;
  /** The number of the next turn, from 1: the first request is turn 0. */
  readonly turn: number;
}

/** The next request of a conversation. */
export function continueConversation({ request, answer, next, turn }: AnsweredTurn): ExecuteBody {
  const { job_id: jobId, messages, prompt } = request as Readonly<Record<string, unknown>>;
  const id = typeof jobId === "string" ? { job_id: nameTurn(jobId, turn) } : {};
  if (!Array.isArray(messages)) return { ...request, ...id, prompt: `${prompt as string}${answer}\n\n${next}` };
  const added = [
    { role: "assistant", content: answer },
    { role: "user", content: next },
  ];
  return { ...request, ...id, messages: [...(messages as unknown[]), ...added] };
}

function nameTurn(jobId: string, turn: number): string {
  const first = turn === 1 ? jobId : jobId.replace(/-turn-\d+$/, "");
  return `${first}-turn-${turn + 1}`;
}

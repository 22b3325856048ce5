import type { Chat } from "../engine/chat.js";
import { invalidField } from "./failures.js";

/**
 * Checks what concerns a conversation as a whole.
 *
 * @throws {WorkerError} INVALID_REQUEST
 */
export function checkChat(chat: Chat, field = "messages"): Chat {
  if (chat.messages.length === 0) throw invalidField(field, "must not be empty");
  const { toolChoice: choice, tools } = chat;
  if (choice === "required" && tools.length === 0) throw invalidField("tool_choice", "needs `tools`");
  if (typeof choice === "object" && !tools.some(({ name }) => name === choice.name)) {
    throw invalidField("tool_choice", `must name one of \`tools\`, got \`${choice.name.slice(0, 80)}\``);
  }
  return chat;
}

import { WorkerError } from "inference-worker-protocol";
import { expect, test } from "vitest";
import type { Chat, ChatMessage } from "../../../src/engine/chat.js";
import { ChatTemplate } from "../../../src/engine/llama/chat-template.js";

/** As in the files of SmolLM2. */
const CHATML =
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nBe helpful<|im_end|>\\n' }}" +
  "{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const chat = (...messages: ChatMessage[]): Chat => ({ messages, tools: [], toolChoice: "auto" });
const user = (content: string): ChatMessage => ({ role: "user", content });

function template(source: string | undefined) {
  return new ChatTemplate({ source, bosToken: "<s>", eosToken: "</s>" });
}

function errorOf(source: string | undefined, messages = [user("x")]): WorkerError {
  try {
    template(source).render(chat(...messages));
  } catch (error) {
    if (error instanceof WorkerError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("the template of the file decides the prompt, its own system message included", () => {
  const { render } = { render: (...messages: ChatMessage[]) => template(CHATML).render(chat(...messages)) };
  expect(render(user("Hi"))).toBe(
    "<|im_start|>system\nBe helpful<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
  );
  expect(render({ role: "system", content: "S" }, user("Hi"), { role: "assistant", content: "A" }, user("B"))).toBe(
    "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n" +
      "<|im_start|>user\nB<|im_end|>\n<|im_start|>assistant\n",
  );
});

test("the tokens of the model are variables of the template", () => {
  expect(
    template("{{ bos_token }}[INST]{{ messages[0].content }}[/INST]{{ eos_token }}").render(chat(user("Hi"))),
  ).toBe("<s>[INST]Hi[/INST]</s>");
});

test("a conversation that the template rejects is INVALID_REQUEST with the template's message", () => {
  const error = errorOf("{% if messages[0].role == 'system' %}{{ raise_exception('no system messages') }}{% endif %}", [
    { role: "system", content: "S" },
  ]);
  expect([error.code, error.message]).toEqual([
    "INVALID_REQUEST",
    "`messages` is refused by the model's chat template: no system messages",
  ]);
});

test("a model without a template, or with one that is broken, cannot chat", () => {
  expect(errorOf(undefined).message).toBe("`messages` needs a model with a chat template; this one has none");
  expect(errorOf("{% for x in %}").message).toMatch(/^`messages` is refused by the model's chat template: /);
});

"""The client of Anthropic for Python: messages."""
from anthropic import Anthropic
from pydantic import BaseModel

from cases import ABORT_AFTER, PROMPT, TOOL_NAME, TOOL_PARAMETERS, TOOL_RESULT, serve

QUESTION = {"role": "user", "content": PROMPT}
TOOL = {"name": TOOL_NAME, "input_schema": TOOL_PARAMETERS}


class City(BaseModel):
    city: str
    population: float


def messages(base_url, max_retries=0):
    return Anthropic(base_url=base_url, api_key="unused", max_retries=max_retries).messages


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


class Client:
    open_streams = []

    def stream(self, baseUrl, model, maxTokens):
        with messages(baseUrl).stream(model=model, messages=[QUESTION], max_tokens=maxTokens) as stream:
            texts = list(stream.text_stream)
            message = stream.get_final_message()
        return {"texts": texts, "finish": message.stop_reason, "tokens": message.usage.output_tokens}

    def whole(self, baseUrl, model, maxTokens, maxRetries=0):
        message = messages(baseUrl, maxRetries).create(model=model, messages=[QUESTION], max_tokens=maxTokens)
        return {"text": text_of(message), "finish": message.stop_reason, "tokens": message.usage.output_tokens}

    def tool(self, baseUrl, model, maxTokens):
        create = messages(baseUrl).create
        asked = create(model=model, messages=[QUESTION], tools=[TOOL], max_tokens=maxTokens)
        calls = [block for block in asked.content if block.type == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": TOOL_RESULT} for call in calls]
        conversation = [QUESTION, {"role": "assistant", "content": asked.content}, {"role": "user", "content": results}]
        answered = create(model=model, messages=conversation, tools=[TOOL], max_tokens=maxTokens)
        return {"calls": [{"name": call.name, "arguments": call.input} for call in calls], "text": text_of(answered)}

    def structured(self, baseUrl, model, maxTokens):
        parse = messages(baseUrl).parse
        message = parse(model=model, messages=[QUESTION], output_format=City, max_tokens=maxTokens)
        return {"value": message.parsed_output.model_dump()}

    def abort(self, baseUrl, model, maxTokens):
        count = 0
        stream = messages(baseUrl).create(model=model, messages=[QUESTION], max_tokens=maxTokens, stream=True)
        self.open_streams.append(stream)
        for event in stream:
            count += event.type == "content_block_delta"
            if count == ABORT_AFTER:
                stream.close()
                break
        return {"count": count}


serve(Client())

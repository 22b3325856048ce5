"""The client of OpenAI for Python: chat completions."""
import json

from openai import OpenAI
from pydantic import BaseModel

from cases import ABORT_AFTER, PROMPT, TOOL_NAME, TOOL_PARAMETERS, TOOL_RESULT, serve

QUESTION = {"role": "user", "content": PROMPT}
TOOL = {"type": "function", "function": {"name": TOOL_NAME, "parameters": TOOL_PARAMETERS}}


class City(BaseModel):
    city: str
    population: float


def completions(base_url, max_retries=0):
    return OpenAI(base_url=f"{base_url}/v1", api_key="unused", max_retries=max_retries).chat.completions


class Client:
    open_streams = []

    def stream(self, baseUrl, model, maxTokens):
        texts, finish, tokens = [], None, None
        for chunk in completions(baseUrl).create(
            model=model, messages=[QUESTION], max_tokens=maxTokens, stream=True, stream_options={"include_usage": True}
        ):
            tokens = chunk.usage.completion_tokens if chunk.usage else tokens
            for choice in chunk.choices:
                finish = choice.finish_reason or finish
                if choice.delta.content:
                    texts.append(choice.delta.content)
        return {"texts": texts, "finish": finish, "tokens": tokens}

    def whole(self, baseUrl, model, maxTokens, maxRetries=0):
        answer = completions(baseUrl, maxRetries).create(model=model, messages=[QUESTION], max_tokens=maxTokens)
        choice = answer.choices[0]
        return {"text": choice.message.content, "finish": choice.finish_reason, "tokens": answer.usage.completion_tokens}

    def tool(self, baseUrl, model, maxTokens):
        create = completions(baseUrl).create
        asked = create(model=model, messages=[QUESTION], tools=[TOOL], max_tokens=maxTokens).choices[0].message
        results = [{"role": "tool", "tool_call_id": call.id, "content": TOOL_RESULT} for call in asked.tool_calls]
        answered = create(model=model, messages=[QUESTION, asked, *results], tools=[TOOL], max_tokens=maxTokens)
        calls = [call.function for call in asked.tool_calls]
        return {
            "calls": [{"name": call.name, "arguments": json.loads(call.arguments)} for call in calls],
            "text": answered.choices[0].message.content,
        }

    def structured(self, baseUrl, model, maxTokens):
        answer = completions(baseUrl).parse(model=model, messages=[QUESTION], response_format=City, max_tokens=maxTokens)
        return {"value": answer.choices[0].message.parsed.model_dump()}

    def abort(self, baseUrl, model, maxTokens):
        count = 0
        stream = completions(baseUrl).create(model=model, messages=[QUESTION], max_tokens=maxTokens, stream=True)
        self.open_streams.append(stream)
        for chunk in stream:
            count += bool(chunk.choices and chunk.choices[0].delta.content)
            if count == ABORT_AFTER:
                stream.close()
                break
        return {"count": count}


serve(Client())

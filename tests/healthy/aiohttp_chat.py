"""POST /v1/chat/completions with aiohttp: chunked, kept alive, a comment as heartbeat."""

import asyncio
import json
import sys

from aiohttp import web


async def chat(request):
    fields = await request.json()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)

    async def send(choices, **more):
        chunk = {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
        await response.write(f"data: {json.dumps({**chunk, **more})}\n\n".encode())

    await send([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
    count = min(fields["max_tokens"], 24)
    for index in range(count):
        await asyncio.sleep(0.01)
        if index % 8 == 3:
            await response.write(b": ping\n\n")
        await send([{"index": 0, "delta": {"content": f" wörd{index}"}, "finish_reason": None}])
    await send([{"index": 0, "delta": {}, "finish_reason": "length" if count < 24 else "stop"}])
    await send([], usage={"prompt_tokens": 1, "completion_tokens": count, "total_tokens": count + 1})
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def models(_request):
    return web.json_response({"object": "list", "data": [{"id": "m"}]})


async def health(_request):
    return web.Response(text="ok")


app = web.Application()
app.add_routes([web.get("/health", health), web.get("/v1/models", models), web.post("/v1/chat/completions", chat)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)

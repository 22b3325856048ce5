"""POST /v1/completions with FastAPI and uvicorn, as most servers in Python do it."""

import asyncio
import json
import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/v1/models")
async def models():
    return {"object": "list", "data": [{"id": "m"}]}


@app.post("/v1/completions")
async def completions(request: Request):
    count = min((await request.json())["max_tokens"], 24)

    async def stream():
        for index in range(count):
            await asyncio.sleep(0.01)
            reason = None if index + 1 < count else "length" if count < 24 else "stop"
            chunk = {"object": "text_completion", "choices": [{"index": 0, "text": f" wörd{index}", "finish_reason": reason}]}
            yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
        usage = {"prompt_tokens": 1, "completion_tokens": count, "total_tokens": count + 1}
        yield f"data: {json.dumps({'object': 'text_completion', 'choices': [], 'usage': usage})}\n\n"
        yield "data: [DONE]\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")

"""POST /generate_stream on bare sockets: CRLF in the events, no keep-alive, a body that ends with the connection."""

import asyncio
import json
import signal
import sys

HEAD = "HTTP/1.1 {}\r\nContent-Type: {}\r\nConnection: close\r\n\r\n"


async def serve(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    method, path, _ = head.split(" ", 2)
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    try:
        if method == "POST":
            await generate(json.loads(body)["parameters"], writer)
        else:
            known = {"/health": "ok", "/info": '{"model_id": "m"}'}.get(path)
            status = "404 Not Found" if known is None else "200 OK"
            writer.write((HEAD.format(status, "application/json") + (known or "")).encode())
        await writer.drain()
    except ConnectionError:
        pass  # the client has left
    finally:
        writer.close()


async def generate(parameters, writer):
    count = min(parameters["max_new_tokens"], 24)
    writer.write(HEAD.format("200 OK", "text/event-stream").encode())
    text = ""
    for index in range(1, count + 1):
        await asyncio.sleep(0.01)
        token = {"id": index, "text": f" wörd{index}", "special": False}
        text += token["text"]
        reason = "length" if count < 24 else "eos_token"
        end = {"generated_text": text, "details": {"finish_reason": reason, "generated_tokens": count}}
        data = {"token": token, **(end if index == count else {"generated_text": None, "details": None})}
        writer.write(f"data: {json.dumps(data, ensure_ascii=False)}\r\n\r\n".encode())
        await writer.drain()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
    print("INFO: serving on port", sys.argv[1], file=sys.stderr, flush=True)
    try:
        await server.serve_forever()
    except asyncio.CancelledError:
        pass


asyncio.run(main())

"""A small worker in another language: it repeats the words of the prompt until it has max_tokens of them."""

import argparse
import itertools
import json
import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--worker-id", required=True)
options = parser.parse_args()

TYPES = {"string": (str,), "integer": (int,), "number": (int, float)}
FIELDS = {  # type, least and greatest value or length, default
    "job_id": ("string", 1, 256, None),
    "prompt": ("string", 1, 32768, None),
    "max_tokens": ("integer", 1, 2048, 2048),
    "temperature": ("number", 0.0, 2.0, 1.0),
    "seed": ("integer", 0, 2**64 - 1, None),
    "top_p": ("number", 0.0, 1.0, 1.0),
}
NOT_FOUND = {"code": "NOT_FOUND", "message": "This worker has GET /health and POST /execute."}
TIME_PER_TOKEN_S = 0.01


def find_errors(request):
    for field, (kind, least, greatest, _) in FIELDS.items():
        value = request[field]
        if value is None:
            yield field, "required"
        elif type(value) not in TYPES[kind]:
            yield field, f"type({kind})"
        elif kind == "string" and not least <= len(value) <= greatest:
            yield field, f"length({least}..={greatest})"
        elif kind != "string" and not least <= value <= greatest:
            yield field, f"range({least}..={greatest})"


class Worker(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/health":
            return self.answer(404, NOT_FOUND)
        self.answer(200, {"status": "healthy", "worker_id": options.worker_id})

    def do_POST(self):
        if self.path != "/execute":
            return self.answer(404, NOT_FOUND)
        try:
            given = json.loads(self.rfile.read(int(self.headers["content-length"])))
            request = {field: default for field, (*_, default) in FIELDS.items()} | given
        except (TypeError, ValueError, RecursionError):
            return self.answer(400, {"code": "INVALID_REQUEST", "message": "The body must be a JSON object."})
        if request["seed"] is None:
            request["seed"] = random.getrandbits(64)
        errors = [{"field": f, "constraint": c, "message": f"{f}: {c}"} for f, c in find_errors(request)]
        if errors:
            return self.answer(400, {"errors": errors})
        self.stream(**{field: request[field] for field in ("job_id", "prompt", "max_tokens", "seed")})

    def stream(self, job_id, prompt, max_tokens, seed):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.end_headers()
        start = time.monotonic()
        started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.send("started", job_id=job_id, model="words", started_at=started_at, seed=seed)
        words = itertools.cycle(prompt.split() or ["nothing"])
        for index, word in enumerate(itertools.islice(words, max_tokens)):
            time.sleep(TIME_PER_TOKEN_S)
            self.send("token", t=word + " ", i=index)
        took_ms = round((time.monotonic() - start) * 1000)
        self.send("end", tokens_out=max_tokens, decode_time_ms=took_ms, stop_reason="max_tokens")

    def send(self, event, **fields):
        data = json.dumps({"type": event, **fields})
        self.wfile.write(f"event: {event}\ndata: {data}\n\n".encode())
        self.wfile.flush()

    def answer(self, status, fields):
        body = json.dumps(fields).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", options.port), Worker).serve_forever()

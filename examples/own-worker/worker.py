"""A worker in another language, as small as it can be: it answers with the words of the prompt."""

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--worker-id", required=True)
options = parser.parse_args()


class Worker(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": "healthy", "worker_id": options.worker_id}).encode()
        self.send_response(200 if self.path == "/health" else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.end_headers()
        words = request["prompt"].split()[: request["max_tokens"]]
        started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.send("started", job_id=request["job_id"], model="words", started_at=started, seed=request["seed"])
        for index, word in enumerate(words):
            self.send("token", t=word, i=index)
        self.send("end", tokens_out=len(words), decode_time_ms=0, stop_reason="max_tokens")

    def send(self, event, **fields):
        data = json.dumps({"type": event, **fields})
        self.wfile.write(f"event: {event}\ndata: {data}\n\n".encode())
        self.wfile.flush()


ThreadingHTTPServer(("127.0.0.1", options.port), Worker).serve_forever()

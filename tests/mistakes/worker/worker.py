"""The mistakes that are those of Python: `worker.py --port <n> --id <id> --mistake <id>`."""

import argparse
import json
import signal
import time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--id", required=True)
parser.add_argument("--mistake", required=True)
options = parser.parse_args()

HEALTH = {
    **{"status": "healthy", "worker_id": options.id, "model": "m", "device": "cpu", "resident": True},
    **{"vram_bytes": 0, "quant_kind": "none", "context_length": 2048, "vocab_size": 32000, "uptime_seconds": 1},
    **{"determinism": [], "pid": 1, "slots": {"total": 1, "busy": 0, "queued": 0}},
}


class Worker(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(HEALTH).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        started = {"job_id": request["job_id"], "model": "m", "started_at": "2024-01-01T00:00:00Z"}
        self.send("started", **started, seed=request["seed"])
        for index in range(24):
            time.sleep(0.02)
            self.send("token", t=f" {index}", i=index)
        self.send("end", tokens_out=24, decode_time_ms=480, stop_reason="eos")

    def send(self, event, **fields):
        data = json.dumps({"type": event, **fields})
        self.wfile.write(f"event: {event}\ndata: {data}\n\n".encode())


class NoReuse(ThreadingHTTPServer):
    allow_reuse_address = False


def interrupt(*_):
    raise KeyboardInterrupt


servers = {"one-thread": HTTPServer, "refuses-a-restart": NoReuse}
server = servers.get(options.mistake, ThreadingHTTPServer)(("127.0.0.1", options.port), Worker)
if options.mistake == "interrupted-traceback":
    signal.signal(signal.SIGTERM, interrupt)
if options.mistake == "buffers-the-ready-line":
    ready = {"event": "ready", "worker_id": options.id, "host": "127.0.0.1", "port": options.port}
    print(json.dumps({**ready, "pid": 1, "model": "m", "device": "cpu"}))  # without flush
server.serve_forever()

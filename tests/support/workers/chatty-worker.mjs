// A worker that leaks its input: `chatty-worker.mjs <port> <worker id> <text>`. Its log has every prompt and the text, it answers with
// the text, and it quotes the prompt `refuse …` in a refusal and the prompt `fail …` in an error event.
import { createServer } from "node:http";

const [port, workerId, text] = process.argv.slice(2);
const frame = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const started = (job_id) => ({ type: "started", job_id, model: "m", started_at: "2024-01-01T00:00:00Z", seed: 42 });

const server = createServer(async (request, response) => {
  if (request.url === "/health") return response.end(JSON.stringify({ worker_id: workerId }));
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { prompt, job_id } = JSON.parse(Buffer.concat(chunks).toString());
  console.log(`asked ${prompt}, answering ${text}`);
  if (prompt.startsWith("refuse")) return response.writeHead(400, { "x-prompt": prompt }).end(`I will not: ${prompt}`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(frame(started(job_id)));
  for (const [i, t] of (text.match(/.{1,4}/gs) ?? []).entries()) response.write(frame({ type: "token", t, i }));
  if (prompt.startsWith("fail")) {
    return response.end(frame({ type: "error", code: "NO", message: `not ${prompt} nor ${text}`, retriable: false }));
  }
  if (prompt.startsWith("break")) return response.end(`data: {"type":"surprise","t":${JSON.stringify(text)}}\n\n`);
  if (prompt.startsWith("garble")) return response.end(`no field ${text}\ndata: unfinished ${text}`);
  response.end(
    frame({
      type: "end",
      tokens_out: 99,
      decode_time_ms: 1,
      stop_reason: "stop_sequence",
      stop_sequence_matched: text,
    }),
  );
});
server.listen(Number(port), "127.0.0.1", () => console.log(`Listening on port ${server.address().port}`));

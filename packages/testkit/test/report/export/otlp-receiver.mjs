// A receiver of OTLP over HTTP in a process of its own: `otlp-receiver.mjs [status]`. It prints its port, then each message that it receives as a
// line of JSON: its path and its fields by their numbers, as protobuf has them. With a status other than 200, it refuses everything.
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

const status = Number(process.argv[2] ?? 200);

/** Every field of a message: `[number, value]`; bytes stay bytes, because only the schema knows what they are. */
function decode(bytes) {
  const fields = [];
  let at = 0;
  const readVarint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(readVarint());
    const [number, kind] = [tag >> 3, tag & 7];
    if (kind === 0) fields.push([number, String(readVarint())]);
    else if (kind === 1) fields.push([number, bytes.subarray(at, (at += 8))]);
    else if (kind === 5) fields.push([number, bytes.subarray(at, (at += 4))]);
    else {
      const length = Number(readVarint());
      fields.push([number, bytes.subarray(at, (at += length))]);
    }
  }
  return fields;
}

const all = (bytes, number) => decode(bytes).flatMap(([found, value]) => (found === number ? [value] : []));
const first = (bytes, number) => all(bytes, number)[0];
const text = (bytes) => bytes?.toString("utf8");
const fixed = (bytes) => String(bytes.readBigUInt64LE());
const packed = (bytes, read) => Array.from({ length: (bytes?.length ?? 0) / 8 }, (_, index) => read(bytes, index * 8));

function attributes(list) {
  return Object.fromEntries(
    list.map((pair) => {
      const [[kind, value]] = decode(first(pair, 2));
      return [text(first(pair, 1)), kind === 1 ? text(value) : kind === 4 ? value.readDoubleLE() : Number(value)];
    }),
  );
}

function readSpan(span) {
  const [ending] = all(span, 15);
  return {
    name: text(first(span, 5)),
    kind: Number(first(span, 6)),
    startNs: fixed(first(span, 7)),
    endNs: fixed(first(span, 8)),
    attributes: attributes(all(span, 9)),
    events: all(span, 11).map((event) => text(first(event, 2))),
    status: {
      code: Number(first(ending ?? Buffer.alloc(0), 3) ?? 0),
      message: text(first(ending ?? Buffer.alloc(0), 2)),
    },
    traceId: first(span, 1).toString("hex"),
  };
}

function readMetric(metric) {
  return {
    name: text(first(metric, 1)),
    unit: text(first(metric, 3)),
    points: all(first(metric, 9), 1).map((point) => ({
      attributes: attributes(all(point, 9)),
      count: Number(fixed(first(point, 4))),
      sum: first(point, 5).readDoubleLE(),
      counts: packed(first(point, 6), (bytes, offset) => Number(bytes.readBigUInt64LE(offset))),
      bounds: packed(first(point, 7), (bytes, offset) => bytes.readDoubleLE(offset)),
    })),
  };
}

const READERS = { "/v1/traces": readSpan, "/v1/metrics": readMetric };

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    response.writeHead(status, { "content-type": "application/x-protobuf" }).end();
    if (status !== 200) return;
    const body = Buffer.concat(chunks);
    const message = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    const read = READERS[request.url];
    const resources = all(message, 1);
    const resource = attributes(all(first(resources[0], 1), 1));
    const items = resources.flatMap((one) => all(one, 2)).flatMap((scope) => all(scope, 2));
    console.log(JSON.stringify({ path: request.url, resource, items: items.map((item) => read(item)) }));
  });
}).listen(0, "127.0.0.1", function () {
  console.log(JSON.stringify({ port: this.address().port }));
});

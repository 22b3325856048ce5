// Reports another worker's id.
const ready = { event: "ready", worker_id: "a-stranger", host: "127.0.0.1", port: 4321, pid: process.pid };
console.log(JSON.stringify({ ...ready, model: "none", device: "none" }));
setInterval(() => {}, 60_000);

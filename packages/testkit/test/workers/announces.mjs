// Prints the ready line with the fields of argument 1 (JSON) in it, and listens nowhere.
const ready = {
  event: "ready",
  worker_id: "w",
  host: "127.0.0.1",
  port: 4321,
  pid: process.pid,
  model: "m",
  device: "d",
};
console.log(JSON.stringify({ ...ready, ...JSON.parse(process.argv[2]) }));
setInterval(() => {}, 60_000);

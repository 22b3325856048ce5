// Becomes ready and does not end when it is asked to.
process.on("SIGTERM", () => console.log("SIGTERM ignored"));
setInterval(() => {}, 60_000);
console.log("listening on port 1");

// Neither becomes ready nor ends when it is asked to.
process.on("SIGTERM", () => {});
setInterval(() => {}, 60_000);

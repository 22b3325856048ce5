// Runs, says that it runs, and never becomes ready.
console.log("loading for ever");
setInterval(() => {}, 60_000);

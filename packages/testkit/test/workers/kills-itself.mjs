// Ends by a signal before it is ready, as a crash does.
console.log("about to crash");
process.kill(process.pid, "SIGKILL");

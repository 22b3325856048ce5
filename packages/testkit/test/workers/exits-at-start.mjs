// Ends at once with the exit code of argument 1.
console.log("about to end");
console.error("this is why");
process.exitCode = Number(process.argv[2]);

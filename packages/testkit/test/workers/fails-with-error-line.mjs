// Ends with the protocol's error line, as a worker does whose model cannot be loaded.
console.log(JSON.stringify({ event: "startup" }));
console.log(JSON.stringify({ event: "error", code: "MODEL_LOAD_FAILED", message: "not a GGUF file: model.gguf" }));
process.exitCode = 1;

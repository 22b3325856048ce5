// Writes as many lines as argument 1 says, one of them endless, then one that says "flood over".
const count = Number(process.argv[2]);
const write = (text) => new Promise((resolve) => process.stdout.write(text, resolve));
for (let index = 0; index < count; index += 1000) {
  await write(Array.from({ length: 1000 }, (_, offset) => `line ${index + offset} ${"x".repeat(80)}\n`).join(""));
}
await write(`${"y".repeat(5_000_000)}\n`);
await write("flood over, listening on port 1\n");
setInterval(() => {}, 60_000);

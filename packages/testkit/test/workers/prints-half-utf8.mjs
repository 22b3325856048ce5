// Writes a character in two halves, with a pause in between that makes them two chunks; then bytes that are no UTF-8.
const euro = Buffer.from("€");
const write = (bytes) => new Promise((resolve) => process.stdout.write(bytes, () => setTimeout(resolve, 30)));
await write(Buffer.concat([Buffer.from("price: 5 "), euro.subarray(0, 1)]));
await write(Buffer.concat([euro.subarray(1), Buffer.from("\r\n")]));
await write(Buffer.from([0x62, 0xff, 0x64, 0x0a]));
await write(Buffer.concat([Buffer.from("no line break "), euro.subarray(0, 2)]));
process.exitCode = 3;

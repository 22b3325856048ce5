// Says "waiting", reserves as many ports as argument 1 says at the moment its input ends, prints them, and holds them
// until it is killed or its second argument says "release".
import { findFreePort } from "../../../dist/launch/index.js";

const random = () => 0.5 + Math.random() / 64; // a narrow window: everybody wants the same ports
console.log("waiting");
for await (const _chunk of process.stdin); // all runners start at the same moment
const ports = await Promise.all(Array.from({ length: Number(process.argv[2]) }, () => findFreePort({ random })));
console.log(`ports ${ports.map((free) => free.port).join(" ")}`);
if (process.argv[3] !== "release") setInterval(() => {}, 60_000);

import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findQuietPort } from "../helpers.js";
import { holdPort } from "../../../src/launch/index.js";

test("a held port can still be bound by number, and stays free after the release", async () => {
  const port = await findQuietPort();
  const held = await holdPort("127.0.0.1", port);
  const server = createServer();

  server.listen({ host: "127.0.0.1", port });
  await once(server, "listening");
  held?.release();
  held?.release();

  expect(held).toBeDefined();
  expect(server.listening).toBe(true);
  server.close();
  const again = createServer().listen({ host: "127.0.0.1", port });
  await once(again, "listening");
  again.close();
});

test("a port cannot be held twice", async () => {
  const port = await findQuietPort();
  const held = await holdPort("127.0.0.1", port);

  const second = await holdPort("127.0.0.1", port);

  held?.release();
  second?.release();
  expect(held).toBeDefined();
});

test("a port that is in use cannot be held, and nothing is left open", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };

  expect(await holdPort("127.0.0.1", port)).toBeUndefined();
  server.close();
});

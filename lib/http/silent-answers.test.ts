import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { ReadableStream as WebStream } from "node:stream/web";
import { expect, onTestFinished, test } from "vitest";
import { endWhenSilent } from "#lib/http/silent-answers.ts";

const chunk = new Uint8Array(1024 * 1024);

/** Asks for an answer that is made as it is read. */
async function asked(chunks: number, afterMs: number) {
  let made = 0;
  const ended = Promise.withResolvers<string>();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        made += 1;
        controller.enqueue(chunk);
        if (made === chunks) controller.close();
      },
      cancel: () => ended.resolve("given up"),
    },
    { highWaterMark: 0 },
  );
  const server = createServer((_req, res: ServerResponse) => {
    endWhenSilent(res, afterMs);
    const source = Readable.fromWeb(body as WebStream);
    res.once("close", () => source.destroy());
    res.once("finish", () => ended.resolve("whole"));
    source.pipe(res);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  return { socket, ended: ended.promise, made: () => made };
}

test("a reader that takes no more of an answer loses it, and what makes it is told", async () => {
  const most = 1_000;
  const { ended, made } = await asked(most, 200);
  expect(await ended).toBe("given up");
  // No more was made than its connection holds.
  expect(made()).toBeLessThan(100);
});

test("who reads an answer, however late it begins, gets it whole", async () => {
  const { socket, ended, made } = await asked(50, 30_000);
  await expect.poll(made).toBeGreaterThan(0);
  const whole = await buffer(socket);
  expect(whole.byteLength).toBeGreaterThan(50 * chunk.byteLength);
  expect(await ended).toBe("whole");
});

import { once } from "node:events";
import type { RequestListener } from "node:http";
import { PassThrough, Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { InvalidInputError } from "#lib/core/errors.ts";
import { createEgress, type StreamRequest } from "#lib/egress/egress.ts";
import { EgressError } from "#lib/egress/errors.ts";
import { demoTarget } from "#lib/egress/target.ts";
import { httpServer } from "#lib/egress/test-servers.ts";

const host = "acme.my.salesforce.com";
const megabyte = 1024 * 1024;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((thing) => thing.close()));
});

async function provider(listener: RequestListener) {
  const server = await httpServer(listener);
  const origin = `http://127.0.0.1:${server.port}`;
  const egress = createEgress({ demoOrigin: origin });
  opened.push(server, egress);
  const target = demoTarget(origin, host);
  const call = (more: Partial<StreamRequest>) =>
    egress.stream({ target, method: "GET", path: "/services/data", headers: {}, ...more });
  const stream = async (more: Partial<StreamRequest> = {}) => {
    const { body, ...answer } = await call(more);
    if (Buffer.isBuffer(body)) throw new Error("nobody asked for it whole");
    return { ...answer, body };
  };
  return { stream, call, server };
}

async function failureOf(work: Promise<unknown>): Promise<EgressError> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EgressError);
  return error as EgressError;
}

test("the answer is there with its headers, before its body", async () => {
  const { promise: more, resolve: sendMore } = Promise.withResolvers<void>();
  const { stream } = await provider((_request, response) => {
    response.writeHead(203, { "x-a": "1" }).write("first ");
    void more.then(() => response.end("second"));
  });
  const answer = await stream();
  expect([answer.status, answer.headers["x-a"], answer.isRedirect]).toEqual([203, "1", false]);
  sendMore();
  expect(await text(answer.body)).toBe("first second");
});

test("[RF-12] streams that nobody reads to their end hold up no call that is sent whole", async () => {
  const server = await httpServer((request, response) => {
    if (request.url?.endsWith("/token")) response.end("{}");
    else response.writeHead(200).write("never ends");
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const egress = createEgress({ demoOrigin: origin, connections: 1 });
  opened.push(server);
  const target = demoTarget(origin, host);
  const held = await egress.stream({ target, method: "GET", path: "/slow", headers: {} });
  const sent = await egress.send({ target, method: "POST", path: "/token", headers: {} });
  expect(sent.status).toBe(200);
  if (!Buffer.isBuffer(held.body)) held.body.on("error", () => {}).destroy();
  await egress.close();
});

test("a body goes up as it comes, with its length where it is known", async () => {
  const { stream } = await provider((request, response) => {
    request.pipe(response.writeHead(200, { "x-length": request.headers["content-length"] ?? "" }));
  });
  const upload = new PassThrough();
  upload.write("abc");
  const chunked = await stream({ method: "POST", body: upload });
  upload.end("def");
  expect([await text(chunked.body), chunked.headers["x-length"]]).toEqual(["abcdef", ""]);
  const known = await stream({
    method: "POST",
    body: Readable.from([Buffer.from("abc"), Buffer.from("def")]),
    bodyBytes: 6,
  });
  expect([await text(known.body), known.headers["x-length"]]).toEqual(["abcdef", "6"]);
});

test("[BRK-9] a reader that stands still holds the provider back", async () => {
  let written = 0;
  const { stream } = await provider((_request, response) => {
    const pour = () => {
      while (written < 64) {
        written++;
        if (!response.write(Buffer.alloc(megabyte))) return;
      }
      response.end();
    };
    response.on("drain", pour);
    pour();
  });
  const answer = await stream({ limits: { maxBodyBytes: 100 * megabyte } });
  await once(answer.body, "readable");
  // Whatever the sockets between hold, it is a fraction of the body.
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let last = -1;
  const watch = setInterval(() => {
    if (written === last) resolve();
    last = written;
  }, 100);
  await settled;
  clearInterval(watch);
  expect(written).toBeLessThan(32);
  expect((await buffer(answer.body)).byteLength).toBe(64 * megabyte);
});

test("[BRK-9] a reader that leaves ends the provider's answer at once", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { stream, server } = await provider((_request, response) => {
    response.on("close", resolve).writeHead(200).write("x");
  });
  const answer = await stream();
  answer.body.on("error", () => {});
  answer.body.destroy();
  await closed;
  expect(server.connections()).toBe(1);
});

test("[BRK-9] a caller that leaves before the answer gives the call up", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { stream } = await provider((_request, response) => {
    reach();
    response.on("close", resolve);
  });
  const caller = new AbortController();
  const call = failureOf(stream({ signal: caller.signal }));
  await reached;
  caller.abort();
  expect((await call).kind).toBe("request_cut");
  await closed;
  const early = await failureOf(stream({ signal: AbortSignal.abort() }));
  expect([early.kind, early.sentBytes]).toEqual(["request_cut", false]);
});

test("[BRK-9] an upload that its sender breaks off is not completed at the provider", async () => {
  const { promise: wasWhole, resolve } = Promise.withResolvers<boolean>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { stream } = await provider((request) => {
    request.on("error", () => {}).on("close", () => resolve(request.complete));
    request.once("data", begin);
  });
  const upload = new PassThrough();
  const call = failureOf(stream({ method: "POST", body: upload }));
  upload.write("half");
  await begun;
  upload.destroy();
  expect((await call).kind).toBe("request_cut");
  expect(await wasWhole).toBe(false);
});

test("[BRK-9] an upload beyond its cap is stopped, and its sender can still be answered", async () => {
  const { stream } = await provider((request) => request.resume());
  const upload = new PassThrough();
  const call = failureOf(
    stream({ method: "POST", body: upload, limits: { maxRequestBytes: 1_000 } }),
  );
  upload.write(Buffer.alloc(2_000));
  expect((await call).kind).toBe("request_too_large");
  expect(upload.destroyed).toBe(false);
});

test("[BRK-9] an answer beyond its cap ends with an error, never as if it were whole", async () => {
  const { stream } = await provider((_request, response) => {
    response.writeHead(200).write(Buffer.alloc(500));
    setImmediate(() => response.end(Buffer.alloc(1_000)));
  });
  const answer = await stream({ limits: { maxBodyBytes: 1_000 } });
  expect((await failureOf(buffer(answer.body))).kind).toBe("too_large");
  const announced = await provider((_request, response) =>
    response.writeHead(200, { "content-length": "1001" }).write("x"),
  );
  const early = announced.stream({ limits: { maxBodyBytes: 1_000 } });
  expect((await failureOf(early)).kind).toBe("too_large");
});

test("[BRK-9] an answer that the provider breaks off, or lets drip, ends with an error", async () => {
  const { stream } = await provider((request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    if (request.url?.endsWith("/cut")) setImmediate(() => response.destroy());
  });
  const cut = await stream({ path: "/cut" });
  expect((await failureOf(buffer(cut.body))).kind).toBe("cut");
  const slow = await stream({ limits: { totalMs: 300 } });
  expect((await failureOf(buffer(slow.body))).kind).toBe("timeout");
});

test("[BRK-6] no encoding is asked for, and one that comes nevertheless is undone", async () => {
  const asked: unknown[] = [];
  const packed = gzipSync(Buffer.alloc(100_000, "a"));
  const { stream } = await provider((request, response) => {
    asked.push(request.headers["accept-encoding"]);
    const encoding = request.url?.endsWith("/odd") ? "compress" : "gzip";
    response.writeHead(200, { "content-encoding": encoding }).end(packed);
  });
  const answer = await stream();
  expect(answer.headers).toMatchObject({ "content-encoding": undefined });
  expect((await buffer(answer.body)).byteLength).toBe(100_000);
  const bomb = await stream({ limits: { maxBodyBytes: 10_000 } });
  expect((await failureOf(buffer(bomb.body))).kind).toBe("too_large");
  expect((await failureOf(stream({ path: "/odd" }))).kind).toBe("bad_encoding");
  expect(asked).toEqual(["identity", "identity", "identity"]);
});

test("what announces little is given whole where that is asked for", async () => {
  const { call } = await provider((request, response) => {
    const isKnown = request.url?.endsWith("/known");
    response.writeHead(200, isKnown ? { "content-length": "5" } : {}).end("small");
  });
  const whole = await call({ path: "/known", holdBytes: 5 });
  expect(whole.body).toEqual(Buffer.from("small"));
  for (const more of [{ path: "/known", holdBytes: 4 }, { path: "/known" }, { holdBytes: 5 }]) {
    const { body } = await call(more);
    expect(Buffer.isBuffer(body)).toBe(false);
    expect(await text(body as Readable)).toBe("small");
  }
});

test("[NET-4] a redirect is handed back unfollowed", async () => {
  let calls = 0;
  const { stream } = await provider((_request, response) => {
    calls++;
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const answer = await stream();
  await buffer(answer.body);
  expect([answer.status, answer.isRedirect, calls]).toEqual([302, true, 1]);
});

test("what is not fit to be sent is refused before anything opens", async () => {
  const { stream, server } = await provider((_request, response) => response.end());
  await expect(stream({ path: "/../x" })).rejects.toThrow(InvalidInputError);
  await expect(stream({ headers: { host: "evil.example" } })).rejects.toThrow(InvalidInputError);
  expect(server.connections()).toBe(0);
});

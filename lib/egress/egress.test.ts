import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { InvalidInputError } from "#lib/core/errors.ts";
import { type ConnectMap, parseConnectMap } from "#lib/egress/connect-map.ts";
import {
  createEgress,
  type Egress,
  type EgressOptions,
  type EgressRequest,
  tokenEndpointLimits,
} from "#lib/egress/egress.ts";
import { EgressError } from "#lib/egress/errors.ts";
import { demoTarget, providerTarget } from "#lib/egress/target.ts";
import { httpServer, httpsServer, type TestServer, tcpServer } from "#lib/egress/test-servers.ts";
import { makeCertificates, type TestCertificates } from "#lib/simulator/kit/tls.ts";

const host = "acme.my.salesforce.com";
const isOurs = (name: string) => name.endsWith(".my.salesforce.com");
const target = providerTarget(host, isOurs);
const studioOrigin = "http://localhost:3000";

let certificate: TestCertificates;
beforeAll(async () => {
  certificate = await makeCertificates([host]);
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((thing) => thing.close()));
});
afterAll(() => {
  expect(opened).toEqual([]);
});

function keep<T extends { close(): Promise<void> }>(thing: T): T {
  opened.push(thing);
  return thing;
}

const mapTo = (port: number, name = host): ConnectMap =>
  parseConnectMap(`${name}=127.0.0.1:${port}`, studioOrigin);

async function provider(listener: RequestListener, options: EgressOptions = {}) {
  const seen: IncomingMessage[] = [];
  const server = keep(
    await httpsServer(certificate, (request, response) => {
      seen.push(request);
      listener(request, response);
    }),
  );
  const egress = keep(
    createEgress({ connectMap: mapTo(server.port), ca: [certificate.caPem], ...options }),
  );
  return { egress, seen, server };
}

const get = (more: Partial<EgressRequest> = {}): EgressRequest => ({
  target,
  method: "GET",
  path: "/services/data",
  headers: {},
  ...more,
});

async function failureOf(work: Promise<unknown>): Promise<EgressError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EgressError);
  return error as EgressError;
}

const answer = (response: ServerResponse, body: string | Buffer, headers = {}) =>
  response.writeHead(200, headers).end(body);

describe("a call", () => {
  test("carries method, path, query, headers and body, and brings back the whole answer", async () => {
    const { egress, seen } = await provider((request, response) => {
      request.on("data", (chunk) => response.write(`got ${chunk}`)).on("end", () => response.end());
    });
    const { status, body, isRedirect } = await egress.send(
      get({
        method: "POST",
        path: "/services/oauth2/token?a=1",
        query: { q: "SELECT Id" },
        headers: { Authorization: "Bearer x", "content-type": "text/plain" },
        body: "hello",
      }),
    );
    expect([status, body.toString(), isRedirect]).toEqual([200, "got hello", false]);
    expect(seen[0]?.url).toBe("/services/oauth2/token?a=1&q=SELECT+Id");
    expect(seen[0]?.headers).toMatchObject({
      host,
      authorization: "Bearer x",
      "content-length": "5",
    });
  });

  test("connections are kept and used again by the calls that follow", async () => {
    const { egress, server } = await provider((_request, response) => answer(response, "ok"));
    for (let i = 0; i < 20; i++) await egress.send(get());
    // The next call may start before undici has put the first connection back.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test("a provider's error status is an answer, not a failure", async () => {
    const { egress } = await provider((_request, response) => response.writeHead(503).end("busy"));
    expect((await egress.send(get())).status).toBe(503);
  });

  test("header values with control characters, and headers of the connection, are refused unsent", async () => {
    const { egress, seen } = await provider((_request, response) => answer(response, ""));
    const headers: Record<string, string>[] = [
      { "x-a": "1\r\nx-b: 2" },
      { "x-a": "1\n" },
      { "x-a": "\u0000" },
      { "x-a": "☃" },
      { "x a": "1" },
      { "": "1" },
      { Host: "evil.example" },
      { "Transfer-Encoding": "chunked" },
      { "content-length": "1" },
      { "Proxy-Authorization": "x" },
      { Accept: "a", accept: "b" },
    ];
    for (const bad of headers) {
      await expect(egress.send(get({ headers: bad }))).rejects.toThrow(InvalidInputError);
    }
    expect(seen).toHaveLength(0);
  });

  test("paths that leave the target or could be read two ways are refused unsent", async () => {
    const { egress, seen } = await provider((_request, response) => answer(response, ""));
    const paths = [
      "",
      "x",
      "https://evil.example/",
      "/a b",
      "/a\r\nx",
      "/../b",
      "/a/%2e%2E/b",
      "/.",
      "/a\\b",
      "/a#b",
      "/é",
    ];
    for (const path of paths) {
      await expect(egress.send(get({ path })), path).rejects.toThrow(InvalidInputError);
    }
    for (const method of ["CONNECT", "TRACE", "get", "GET /x HTTP/1.1\r\n"]) {
      await expect(egress.send(get({ method: method as "GET" }))).rejects.toThrow(
        InvalidInputError,
      );
    }
    expect(seen).toHaveLength(0);
  });

  test("a target that no constructor made is refused", async () => {
    const { egress } = await provider((_request, response) => answer(response, ""));
    const forged = { ...target, origin: "https://evil.example" };
    await expect(egress.send(get({ target: forged }))).rejects.toThrow(InvalidInputError);
    expect(() => providerTarget("evil.example", isOurs)).toThrow(InvalidInputError);
    expect(() => providerTarget("acme.my.salesforce.com:8443", () => true)).toThrow(
      InvalidInputError,
    );
    expect(() => providerTarget("127.0.0.1", () => true)).toThrow(InvalidInputError);
  });
});

describe("addresses", () => {
  const resolving = (addresses: string[]) =>
    keep(createEgress({ lookup: async () => addresses.map((address) => ({ address })) }));

  const privateAnswers: [name: string, addresses: string[]][] = [
    ["loopback", ["127.0.0.1"]],
    ["a private network", ["10.1.2.3"]],
    ["the metadata service", ["169.254.169.254"]],
    ["IPv6 loopback", ["::1"]],
    ["a mapped loopback", ["::ffff:127.0.0.1"]],
    ["a private address behind a public one", ["93.184.215.14", "192.168.0.1"]],
    ["a public address behind a private one", ["fd00::1", "93.184.215.14"]],
    ["text that is no address", ["localhost"]],
    ["a short spelling", ["127.1"]],
  ];
  for (const [name, addresses] of privateAnswers) {
    test(`[NET-3] a resolver that answers with ${name} gets no connection`, async () => {
      const failure = await failureOf(resolving(addresses).send(get()));
      expect([failure.kind, failure.sentBytes]).toEqual(["refused_address", false]);
    });
  }

  test("[NET-3] the socket goes to the answer that was checked, asked for once", async () => {
    const server = keep(await tcpServer((socket) => socket.destroy()));
    let asked = 0;
    const egress = keep(
      createEgress({
        demoOrigin: `http://localhost:${server.port}`,
        lookup: async () => [{ address: asked++ === 0 ? "127.0.0.1" : "127.0.0.2" }],
      }),
    );
    const demo = demoTarget(`http://localhost:${server.port}`, host);
    await failureOf(egress.send(get({ target: demo })));
    expect([asked, server.connections()]).toEqual([1, 1]);
  });

  test("[NET-3] the certificate must be for the host", async () => {
    const other = await makeCertificates(["other.my.salesforce.com", "127.0.0.1"]);
    const server = keep(await httpsServer(other, (_request, response) => answer(response, "x")));
    const egress = keep(createEgress({ connectMap: mapTo(server.port), ca: [other.caPem] }));
    const failure = await failureOf(egress.send(get()));
    expect([failure.kind, failure.sentBytes]).toEqual(["tls", false]);
  });

  test("[NET-3] a certificate from an authority we do not know is refused", async () => {
    const { server } = await provider((_request, response) => answer(response, "x"));
    const egress = keep(createEgress({ connectMap: mapTo(server.port) }));
    expect((await failureOf(egress.send(get()))).kind).toBe("tls");
  });

  test("a name that is not known, and one without addresses, are failures of the name", async () => {
    const unknown = keep(
      createEgress({
        lookup: async () => {
          throw Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" });
        },
      }),
    );
    for (const egress of [unknown, resolving([])]) {
      const failure = await failureOf(egress.send(get()));
      expect([failure.kind, failure.sentBytes]).toEqual(["dns", false]);
    }
  });

  test("[NET-6] failures of every kind read alike outside", async () => {
    const refused = await failureOf(resolving(["127.0.0.1"]).send(get()));
    const unknown = await failureOf(resolving([]).send(get()));
    const outside = (error: EgressError) => [
      error.code,
      error.status,
      error.userMessage,
      error.remedy,
    ];
    expect(outside(refused)).toEqual(outside(unknown));
  });
});

describe("redirects", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`[NET-4] a ${status} is handed back, and the authorization goes nowhere else`, async () => {
      const elsewhere = keep(await httpServer((_request, response) => answer(response, "stolen")));
      const { egress, seen } = await provider((_request, response) =>
        response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end(),
      );
      const response = await egress.send(get({ headers: { authorization: "Bearer canary" } }));
      expect([response.status, response.isRedirect]).toEqual([status, true]);
      expect([seen.length, elsewhere.connections()]).toEqual([1, 0]);
    });
  }
});

describe("limits", () => {
  const limited = (listener: RequestListener) => provider(listener);

  test("[NET-5] an answer whose bytes drip is given up when its time is over", async () => {
    const { egress } = await limited((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    });
    const failure = await failureOf(egress.send(get({ limits: { totalMs: 1_500 } })));
    expect([failure.kind, failure.sentBytes]).toEqual(["timeout", true]);
  });

  test("[NET-5] headers that do not come are given up", async () => {
    const { egress } = await limited(() => {});
    const failure = await failureOf(egress.send(get({ limits: { headersMs: 80 } })));
    expect([failure.kind, failure.sentBytes]).toEqual(["timeout", true]);
  });

  test("[NET-5] headers that drip are given up", async () => {
    const server = keep(
      await tcpServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        const drip = setInterval(() => socket.write("x-a: 1\r\n"), 20);
        socket.on("close", () => clearInterval(drip));
      }),
    );
    const origin = `http://127.0.0.1:${server.port}`;
    const egress = keep(createEgress({ demoOrigin: origin }));
    const call = get({ target: demoTarget(origin, host), limits: { headersMs: 120 } });
    expect((await failureOf(egress.send(call))).kind).toBe("timeout");
  });

  test("[NET-5] a connection that does not come about is given up, with nothing sent", async () => {
    const silent = keep(await tcpServer(() => {}));
    const egress = keep(
      createEgress({ connectMap: mapTo(silent.port), limits: { connectMs: 100 } }),
    );
    const failure = await failureOf(egress.send(get()));
    expect([failure.kind, failure.sentBytes]).toEqual(["timeout", false]);
  });

  test("[NET-5] a resolver that does not answer is given up, with nothing sent", async () => {
    const egress = keep(
      createEgress({ lookup: () => new Promise(() => {}), limits: { connectMs: 60 } }),
    );
    const failure = await failureOf(egress.send(get()));
    expect([failure.kind, failure.sentBytes]).toEqual(["timeout", false]);
  });

  test("[NET-5] a call given up while it waits for its connection is not sent afterwards", async () => {
    const { server, seen } = await provider((_request, response) => answer(response, "late"));
    const { promise: resolved, resolve } = Promise.withResolvers<{ address: string }[]>();
    const origin = `http://localhost:${server.port}`;
    const egress = keep(createEgress({ demoOrigin: origin, lookup: () => resolved }));
    const call = get({ target: demoTarget(origin, host), limits: { totalMs: 50 } });
    const failure = await failureOf(egress.send(call));
    expect([failure.kind, failure.sentBytes]).toEqual(["timeout", false]);
    resolve([{ address: "127.0.0.1" }]);
    await egress.close();
    opened.splice(opened.indexOf(egress), 1);
    expect(seen).toHaveLength(0);
  });

  test("[NET-5] a flood is cut at the limit, also when its length was announced", async () => {
    let written = 0;
    const flood = await limited((_request, response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) written += 64 * 1024;
        if (!response.destroyed) response.once("drain", pour);
      };
      pour();
    });
    const failure = await failureOf(flood.egress.send(get({ limits: { maxBodyBytes: 100_000 } })));
    expect(failure.kind).toBe("too_large");
    expect(written).toBeLessThan(32 * 1024 * 1024);
    const announced = await limited((_request, response) =>
      response.writeHead(200, { "content-length": "100001" }).write("x"),
    );
    const early = announced.egress.send(get({ limits: { maxBodyBytes: 100_000 } }));
    expect((await failureOf(early)).kind).toBe("too_large");
  });

  const bomb = Buffer.alloc(20 * 1024 * 1024);
  const bombs = {
    gzip: gzipSync(bomb),
    br: brotliCompressSync(bomb),
    deflate: deflateSync(bomb),
  };
  for (const [encoding, body] of Object.entries(bombs)) {
    test(`[NET-5] a ${encoding} bomb is stopped at the limit`, async () => {
      const { egress } = await limited((_request, response) =>
        answer(response, body, { "content-encoding": encoding }),
      );
      const failure = await failureOf(egress.send(get({ limits: { maxBodyBytes: 1024 * 1024 } })));
      expect([failure.kind, failure.sentBytes]).toEqual(["too_large", true]);
    });
  }

  test("[NET-5] a token endpoint's answer may have 64 KB and not a byte more", async () => {
    const { egress } = await limited((request, response) =>
      answer(response, Buffer.alloc(64 * 1024 + (request.url === "/over" ? 1 : 0), 0x20)),
    );
    const whole = await egress.send(get({ path: "/fits", limits: tokenEndpointLimits }));
    expect(whole.body.byteLength).toBe(64 * 1024);
    const over = egress.send(get({ path: "/over", limits: tokenEndpointLimits }));
    expect((await failureOf(over)).kind).toBe("too_large");
  });

  test("[NET-5] endless headers are stopped", async () => {
    const { egress } = await limited((_request, response) => {
      response.writeHead(200, { "x-long": "a".repeat(40_000) }).end();
    });
    expect((await failureOf(egress.send(get()))).kind).toBe("too_large");
  });

  test("answers in each known encoding come back as they were", async () => {
    const text = "grüße ".repeat(100);
    const bodies: Record<string, [string, Buffer]> = {
      "/gzip": ["gzip", gzipSync(text)],
      "/br": ["br", brotliCompressSync(text)],
      "/deflate": ["deflate", deflateSync(text)],
      "/raw": ["deflate", deflateRawSync(text)],
      "/plain": ["identity", Buffer.from(text)],
    };
    const { egress } = await limited((request, response) => {
      const [encoding, body] = bodies[request.url ?? ""] ?? ["identity", Buffer.of()];
      answer(response, body, { "content-encoding": encoding });
    });
    for (const path of Object.keys(bodies)) {
      const response = await egress.send(get({ path }));
      expect(response.body.toString()).toBe(text);
      expect(response.headers.has("content-encoding")).toBe(false);
    }
  });

  test("[NET-5] layered, unknown and damaged encodings are refused", async () => {
    const encodings: Record<string, [string, Buffer]> = {
      "/layers": ["gzip, gzip", gzipSync(gzipSync("x"))],
      "/unknown": ["zstd", Buffer.from("x")],
      "/proto": ["__proto__", Buffer.from("x")],
      "/damaged": ["gzip", Buffer.from("not gzip")],
      "/cut": ["gzip", gzipSync("some text").subarray(0, -6)],
    };
    const { egress } = await limited((request, response) => {
      const [encoding, body] = encodings[request.url ?? ""] ?? ["", Buffer.of()];
      answer(response, body, { "content-encoding": encoding });
    });
    for (const path of Object.keys(encodings)) {
      expect((await failureOf(egress.send(get({ path })))).kind).toBe("bad_encoding");
    }
  });
});

describe("a call that ends halfway", () => {
  const cuts: [name: string, cut: RequestListener][] = [
    ["before the headers", (request) => request.socket.destroy()],
    [
      "inside the body",
      (request, response) => {
        response
          .writeHead(200, { "content-length": "10" })
          .write("12345", () => request.socket.destroy());
      },
    ],
  ];
  for (const [name, cut] of cuts) {
    test(`is cut ${name}: it was sent, once, and is not repeated`, async () => {
      const { egress, seen } = await provider(cut);
      for (const method of ["GET", "POST"] as const) {
        const failure = await failureOf(egress.send(get({ method })));
        expect([failure.kind, failure.sentBytes]).toEqual(["cut", true]);
      }
      expect(seen).toHaveLength(2);
    });
  }

  test("refused by the other side's machine: nothing was sent", async () => {
    const server = await tcpServer(() => {});
    await server.close();
    const egress = keep(createEgress({ connectMap: mapTo(server.port) }));
    const failure = await failureOf(egress.send(get()));
    expect([failure.kind, failure.sentBytes]).toEqual(["connect", false]);
  });
});

describe("the demo's origin", () => {
  async function demo() {
    const urls: string[] = [];
    const server: TestServer = keep(
      await httpServer((request, response) => {
        urls.push(request.url ?? "");
        answer(response, "demo");
      }),
    );
    return { urls, origin: `http://localhost:${server.port}` };
  }
  const sendTo = (egress: Egress, origin: string) =>
    egress.send(get({ target: demoTarget(origin, host) }));

  test("[NET-2] a demo call goes to the demo's origin, with the host first in the path", async () => {
    const { origin, urls } = await demo();
    const egress = keep(createEgress({ demoOrigin: origin }));
    expect((await sendTo(egress, origin)).body.toString()).toBe("demo");
    expect(urls).toEqual([`/${host}/services/data`]);
  });

  test("[NET-2] another origin than the configured one is refused, also on this machine", async () => {
    const { origin, urls } = await demo();
    for (const demoOrigin of [null, "http://localhost:1"]) {
      const egress = keep(createEgress({ demoOrigin }));
      await expect(sendTo(egress, origin)).rejects.toThrow(InvalidInputError);
    }
    expect(urls).toEqual([]);
  });

  test("[NET-3] a loopback origin's name must resolve to this machine", async () => {
    const origin = "http://demo.localhost:4000";
    const lookup = async () => [{ address: "93.184.215.14" }];
    const egress = keep(createEgress({ demoOrigin: origin, lookup }));
    expect((await failureOf(sendTo(egress, origin))).kind).toBe("refused_address");
  });

  test("[NET-3] a public demo origin must resolve to public addresses", async () => {
    const origin = "https://demo.meshmesh.example";
    const egress = keep(
      createEgress({ demoOrigin: origin, lookup: async () => [{ address: "127.0.0.1" }] }),
    );
    expect((await failureOf(sendTo(egress, origin))).kind).toBe("refused_address");
  });

  test("[NET-2] plain http beyond this machine, and origins that are not plain, make no target", () => {
    const origins = [
      "http://demo.example",
      "http://10.0.0.1",
      "http://localhost.evil.example",
      "https://demo.example/",
      "https://demo.example/path",
      "https://user@demo.example",
      "https://DEMO.example",
      "ftp://localhost",
      "",
    ];
    for (const origin of origins) {
      expect(() => demoTarget(origin, host), origin).toThrow(InvalidInputError);
    }
    expect(() => demoTarget("http://localhost:4000", "a/../b")).toThrow(InvalidInputError);
    expect(demoTarget("http://127.0.0.1:4000", host).basePath).toBe(`/${host}`);
    expect(demoTarget("http://[::1]:4000", host).kind).toBe("demo");
  });
});

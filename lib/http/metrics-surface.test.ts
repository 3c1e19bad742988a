import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { createMetrics } from "#lib/core/metrics.ts";
import { Secret } from "#lib/core/secret.ts";
import { countRequest, metricsSurface } from "#lib/http/metrics-surface.ts";
import { testClock } from "#lib/testing/clock.ts";

const token = "b0a1c2d3e4f5061728394a5b6c7d8e9f";
const servers: ReturnType<typeof createServer>[] = [];
afterAll(() => servers.map((server) => server.close()));

async function studio(held: Secret | null) {
  const metrics = createMetrics();
  const surface = metricsSurface(metrics, held);
  const server = createServer((req, res) => {
    countRequest({ metrics, clock: testClock() }, req, res);
    if (req.url?.startsWith("/api/metrics")) surface(req, res);
    else res.end("page");
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ask = (path: string, authorization?: string, method = "GET") =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: authorization === undefined ? {} : { authorization },
    });
  return { ask, metrics };
}

test("[OPS-7] metrics are shown to who holds METRICS_TOKEN, as Prometheus text that nobody stores", async () => {
  const { ask } = await studio(new Secret(token));
  const answer = await ask("/api/metrics", `Bearer ${token}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await answer.text()).toContain("# TYPE studio_leases_total counter");
});

test("[OPS-7] without the token, with another, or where none is set, there is nothing", async () => {
  const { ask } = await studio(new Secret(token));
  const others = [undefined, "", "Bearer", `Basic ${token}`, `Bearer ${token}x`, "Bearer x", token];
  for (const authorization of others) {
    expect((await ask("/api/metrics", authorization)).status, authorization).toBe(404);
  }
  expect((await ask("/api/metrics", `Bearer ${token}`, "POST")).status).toBe(404);
  expect((await ask("/api/metrics/x", `Bearer ${token}`)).status).toBe(404);
  const off = await studio(null);
  expect((await off.ask("/api/metrics", "Bearer null")).status).toBe(404);
});

test("requests are counted by surface and kind of answer, never by address", async () => {
  const { ask, metrics } = await studio(new Secret(token));
  await ask("/integrations/acme-canary");
  await ask("/api/broker/leases?canary=1");
  const text = await (await ask("/api/metrics", `Bearer ${token}`)).text();
  expect(text).toContain('studio_http_requests_total{surface="people",status="2xx"} 1');
  expect(text).toContain('studio_http_requests_total{surface="agents",status="2xx"} 1');
  expect(await metrics.text()).not.toContain("canary");
});

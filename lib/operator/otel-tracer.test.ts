import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, expect, test, vi } from "vitest";
import { loadEnv } from "#lib/core/env.ts";
import { createLogger } from "#lib/core/log.ts";
import { noTracer } from "#lib/core/tracing.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { collectorTarget } from "#lib/egress/target.ts";
import { createOtelTracer } from "#lib/operator/otel-tracer.ts";

type Sent = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code: number };
  attributes: { key: string; value: { stringValue: string } }[];
};
const received: { path: string; text: string; spans: Sent[] }[] = [];
type Batch = { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] };
const server = createServer((req, res) => {
  void json(req).then((body) => {
    const { resourceSpans } = body as Batch;
    const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((s) => s.spans));
    received.push({ path: req.url ?? "", text: JSON.stringify(body), spans });
    res.end("{}");
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
afterAll(() => server.close());
const { port } = server.address() as AddressInfo;
const endpoint = (path = "") => `http://127.0.0.1:${port}${path}`;
const log = createLogger({ level: "silent" });
const collectorOf = (value: string) => {
  const { collector } = loadEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: value });
  if (!collector) throw new Error("no collector");
  return collector;
};
const attributesOf = (span: Sent | undefined) =>
  Object.fromEntries(span?.attributes.map(({ key, value }) => [key, value.stringValue]) ?? []);

test("[OPS-7] a span tells kind, time and what it ran in, and nothing of a tenant", async () => {
  received.length = 0;
  const tracer = createOtelTracer({ collector: collectorOf(endpoint("/otlp")), log });
  const failing = tracer.span("proxy call", "request-1", async () => {
    tracer.note({ provider: "salesforce", class: "acme-canary" as never });
    await tracer.span("refresh", null, async () => tracer.note({ outcome: "refreshed" }));
    throw new Error("acme-canary refused");
  });
  await expect(failing).rejects.toThrow("refused");
  await tracer.stop();
  const spans = received.flatMap((each) => each.spans);
  const call = spans.find(({ name }) => name === "proxy call");
  const refresh = spans.find(({ name }) => name === "refresh");
  expect(received[0]?.path).toBe("/otlp/v1/traces");
  expect(attributesOf(call)).toEqual({
    requestId: "request-1",
    provider: "salesforce",
    class: "other",
  });
  expect(call?.status.code).toBe(2);
  expect(attributesOf(refresh)).toEqual({ outcome: "refreshed" });
  expect([refresh?.traceId, refresh?.parentSpanId]).toEqual([call?.traceId, call?.spanId]);
  expect(BigInt(call?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(
    BigInt(call?.startTimeUnixNano ?? 1),
  );
  expect(received.map(({ text }) => text).join()).not.toContain("canary");
});

test("a collector that is away costs spans, never a call", async () => {
  const warn = vi.spyOn(log, "warn");
  const tracer = createOtelTracer({ collector: collectorOf("http://127.0.0.1:9"), log });
  expect(await tracer.span("lease", null, async () => "lent")).toBe("lent");
  await tracer.stop();
  expect(warn).toHaveBeenCalledOnce();
});

test("without a collector nothing is made", async () => {
  expect(loadEnv({}).collector).toBeNull();
  expect(await noTracer.span("lease", null, async () => "lent")).toBe("lent");
});

test("[NET-1] [NET-3] the collector's address is reached by its own egress alone, and nothing else by that", async () => {
  const target = collectorTarget(endpoint());
  const request = { target, method: "GET", path: "/", headers: {} } as const;
  const everybodys = createEgress();
  const another = createEgress({ collectorOrigin: "http://127.0.0.1:1" });
  for (const egress of [everybodys, another]) {
    await expect(egress.send(request)).rejects.toThrow("not one we call");
    await egress.close();
  }
});

import { expect, test } from "vitest";
import { createMetrics, statusClassOf } from "#lib/core/metrics.ts";

const canary = "acme-00D5g000004canary";
/** What a careless caller might hand over. */
const careless = canary as never;

test("[OPS-7] a label takes only the values of its list: whatever else comes is never shown", async () => {
  const metrics = createMetrics();
  metrics.count("studio_leases_total", { provider: "salesforce", outcome: "issued" });
  metrics.count("studio_leases_total", { provider: careless, outcome: careless });
  metrics.count("studio_refreshes_total", {
    provider: careless,
    outcome: careless,
    kind: careless,
    [canary]: canary,
  } as never);
  metrics.observe("studio_proxy_duration_seconds", { provider: careless, class: careless }, 0.2);
  metrics.count(careless, careless);
  const text = await metrics.text();
  expect(text).not.toContain(canary);
  expect(text).toContain('studio_leases_total{provider="salesforce",outcome="issued"} 1');
  expect(text).toContain('studio_leases_total{provider="other",outcome="other"} 1');
});

test("[OPS-7] no label is one that could tell tenants apart", async () => {
  const metrics = createMetrics();
  metrics.includeProcess();
  metrics.gauge("studio_ready", () => 1);
  const series = (await metrics.text()).split("\n").filter((line) => /^\w+\{/.test(line));
  const names = new Set(series.flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, n]) => n)));
  expect(
    [...names].filter((name) => /tenant|team|user|org|host|connection|grant|id$/.test(name ?? "")),
  ).toEqual([]);
});

test("a gauge is read when somebody looks, by the last who offered to; what fails is left out", async () => {
  const metrics = createMetrics();
  let held = 3;
  metrics.gauge("studio_access_tokens_held", () => 99);
  metrics.gauge("studio_access_tokens_held", () => held);
  metrics.gauge("studio_revocations_pending", async () => {
    throw new Error("database away");
  });
  expect(await metrics.text()).toContain("studio_access_tokens_held 3\n");
  held = 4;
  const text = await metrics.text();
  expect(text).toContain("studio_access_tokens_held 4\n");
  expect(text).not.toMatch(/^studio_revocations_pending /m);
});

test("two registries share nothing", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.count("studio_leases_returned_total", {});
  expect(await one.text()).toContain("studio_leases_returned_total 1");
  expect(await other.text()).toContain("studio_leases_returned_total 0");
});

test.each([
  [200, "2xx"],
  [404, "4xx"],
  [599, "5xx"],
  [0, "none"],
  [700, "none"],
])("status %i is of class %s", (status, of) => {
  expect(statusClassOf(status)).toBe(of);
});

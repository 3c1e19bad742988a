import { expect, test } from "vitest";
import type { SpanAttributes, Tracer } from "#lib/core/tracing.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const spans: { name: string; requestId: string | null; notes: SpanAttributes[] }[] = [];
const tracer: Tracer = {
  span(name, requestId, work) {
    spans.push({ name, requestId, notes: [] });
    return work();
  },
  note: (attributes) => void spans.at(-1)?.notes.push(attributes),
  stop: async () => {},
};
const agents = await listenForAgents({ ...studio.deps, tracer });

test("[OPS-7] a lease and a proxied call are spans that say kinds and the request's id alone", async () => {
  const owner = await studio.given.person();
  const id = await studio.given.connection(owner, givenDefinitions.halden);
  await studio.connect(owner, id, "dana.kowalczyk@halden.example");
  const { key: credential } = await givenAgent(studio.deps, owner, { connections: [id] });
  const lease = await agents.call("/api/broker/leases", {
    credential,
    method: "POST",
    json: { connectionId: id },
  });
  const call = await agents.call(`/api/broker/proxy/${id}/rest/services/data/v64.0/limits`, {
    credential,
  });
  expect([lease.status, call.status]).toEqual([201, 200]);
  expect(spans).toEqual([
    {
      name: "lease",
      requestId: lease.headers["x-studio-request-id"],
      notes: [{ provider: "salesforce" }],
    },
    {
      name: "proxy call",
      requestId: call.headers["x-studio-request-id"],
      notes: [{ provider: "salesforce", class: "read", outcome: "passed", status: "2xx" }],
    },
  ]);
});

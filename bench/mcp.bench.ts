// A tool call beside the same read through the proxy and by the operation's own address, in turns over one
// connection each; then the list of tools. The provider is the simulator in a process of its own, and one call
// of any kind is one request there. Production build.
import { Client } from "undici";
import { createDatabase } from "#lib/db/client.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { fillGrants } from "./many-grants.ts";
import { percentile, report, round } from "./studio.ts";

const turns = 4;
const callsATurn = 1_000;
const listsATurn = 100;
/** Of the proxied call's p50. */
const mostRatio = 3;

const operation = "marketing-cloud.content.folders";
const tool = "marketing_cloud_content_folders";
const query = "$page=1&$pagesize=100";

type Asked = { method: "GET" | "POST"; path: string; headers?: object; body?: string };

async function times(fleet: Fleet, key: string, asked: Asked, calls: number): Promise<number[]> {
  const client = new Client(fleet.urls[0] ?? "", { pipelining: 1 });
  const { method, path, body = null } = asked;
  const headers = {
    authorization: `Bearer ${key}`,
    accept: "application/json, text/event-stream",
    ...(body === null ? {} : { "content-type": "application/json" }),
    ...asked.headers,
  };
  const took: number[] = [];
  for (let at = 0; at < calls; at++) {
    const began = performance.now();
    const answer = await client.request({ method, path, headers, body });
    const text = await answer.body.text();
    took.push(performance.now() - began);
    if (answer.statusCode !== 200 || text.includes('"isError":true')) throw new Error(text);
  }
  await client.close();
  return took;
}

function message(method: string, params: { name?: string; arguments?: object } = {}): Asked {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    method: "POST",
    path: "/api/mcp",
    headers: {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(params.name === undefined ? {} : { "mcp-name": params.name }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } }),
  };
}

async function measure(fleet: Fleet, key: string, connectionId: string): Promise<void> {
  const proxied: Asked = {
    method: "GET",
    path: `/api/broker/proxy/${connectionId}/rest/asset/v1/content/categories?${query}`,
  };
  const rest: Asked = {
    method: "POST",
    path: `/api/broker/operations/${operation}`,
    body: JSON.stringify({ connectionId, input: {} }),
  };
  const called = message("tools/call", { name: tool, arguments: { connectionId } });
  const list = message("tools/list");
  const took = { proxied: [] as number[], rest: [] as number[], called: [] as number[] };
  const lists: number[] = [];
  // The first turn warms and is not counted.
  for (let turn = 0; turn <= turns; turn++) {
    const ofTurn = {
      proxied: await times(fleet, key, proxied, callsATurn),
      rest: await times(fleet, key, rest, callsATurn),
      called: await times(fleet, key, called, callsATurn),
    };
    const listed = await times(fleet, key, list, listsATurn);
    if (turn === 0) continue;
    took.proxied.push(...ofTurn.proxied);
    took.rest.push(...ofTurn.rest);
    took.called.push(...ofTurn.called);
    lists.push(...listed);
  }
  const p50 = (samples: readonly number[]) => percentile(samples, 50);
  const ratio = p50(took.called) / p50(took.proxied);
  report({
    workload: "MCP tool call beside the same read through the proxy, one connection",
    calls: took.called.length,
    p50Ms: round(p50(took.called)),
    p99Ms: round(percentile(took.called, 99)),
    proxiedP50Ms: round(p50(took.proxied)),
    proxiedP99Ms: round(percentile(took.proxied, 99)),
    operationP50Ms: round(p50(took.rest)),
    ofProxied: round(ratio),
    limit: `under ${mostRatio} × the proxied call's p50`,
    isKept: ratio < mostRatio,
  });
  report({
    workload: "MCP list of tools, one connection",
    calls: lists.length,
    p50Ms: round(p50(lists)),
    p99Ms: round(percentile(lists, 99)),
    limit: "none",
    isKept: true,
  });
}

const fleet = await startFleet();
try {
  const db = createDatabase(fleet.ownerUrl);
  const { agentKey, grants } = await fillGrants(fleet, db, 1);
  await db.$disconnect();
  await measure(fleet, agentKey, grants[0]?.connectionId ?? "");
} finally {
  await fleet.stop();
  process.exit();
}

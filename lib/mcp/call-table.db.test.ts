import { expect, test, vi } from "vitest";
import type { ProviderRequest, ReadOperation } from "#lib/providers/operation.ts";
import { findOperation } from "#lib/providers/operations.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenForMcp } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const mcp = await listenForMcp(deps);
const agents = await listenForAgents(deps);

const person = await given.person();
const org = await given.connection(person, givenDefinitions.halden);
await studio.connect(person, org, "dana.kowalczyk@halden.example");
const unit = await given.connection(person, givenDefinitions.haldenUnit);
await studio.connect(person, unit, "d.kowalczyk@halden");
// In build mode and allowed to write without a plan: what an operation reads with never may.
const { key } = await givenAgent(deps, person, {
  mode: "build",
  connections: [org, unit].map((id) => ({ id, directWritesUntil: new Date("2099-01-01") })),
});

const request = (
  method: ProviderRequest["method"],
  path: string,
  more: Partial<ProviderRequest> = {},
): ProviderRequest => ({
  ...{ door: "rest", method, path, query: "", contentType: null, soapAction: null },
  ...{ headers: {}, body: null },
  ...more,
});
const json = (body: unknown) => ({ contentType: "application/json", body: JSON.stringify(body) });
const api = "/services/data/v60.0";

/** What an operation of ours could send by a mistake, or by a stranger's change to its code. */
const writes: [string, string, string, ProviderRequest][] = [
  [
    "a plain write",
    "salesforce.query",
    org,
    request("POST", `${api}/sobjects/Lead`, json({ LastName: "Berg", Company: "Berg AB" })),
  ],
  [
    "a GET that runs code",
    "salesforce.query",
    org,
    request("GET", `${api}/tooling/executeAnonymous/`, { query: "anonymousBody=delete%20x%3B" }),
  ],
  [
    "a batch with a write in it",
    "salesforce.query",
    org,
    request(
      "POST",
      `${api}/composite/batch`,
      json({
        batchRequests: [
          { method: "GET", url: "v60.0/limits" },
          { method: "DELETE", url: "v60.0/sobjects/Lead/00Q000000000001AAA" },
        ],
      }),
    ),
  ],
  [
    "a session of its own",
    "salesforce.query",
    org,
    request("POST", "/services/oauth2/token", {
      contentType: "application/x-www-form-urlencoded",
      body: "grant_type=refresh_token",
    }),
  ],
  [
    "rows written",
    "marketing-cloud.data-extensions.list",
    unit,
    request(
      "POST",
      "/hub/v1/dataevents/key:Orders/rowset",
      json([{ keys: { OrderId: "O000001" }, values: { Status: "shipped" } }]),
    ),
  ],
  [
    "a path that is read as another one",
    "marketing-cloud.data-extensions.list",
    unit,
    request("GET", "/asset/v1/../../hub/v1/dataevents/key:Orders/rowset"),
  ],
];

test.each(writes)(
  "[MCP-6] %s, sent by an operation that says it reads, is stopped by the call table at every door",
  async (_what, operationId, connectionId, asked) => {
    const operation = findOperation(operationId) as ReadOperation;
    const run = vi.spyOn(operation, "run").mockImplementation((provider) => provider.read(asked));
    const sent = () => simulator.log.requestsTo(({ path }) => path.startsWith(asked.path)).length;
    const before = sent();
    const client = await mcp.connect(key);
    const name = operationId.replaceAll(/[.-]/g, "_");
    const [tool] = (await client.listTools()).tools.filter((each) => each.name === name);
    expect(tool?.annotations?.readOnlyHint).toBe(true);
    const input = operation.example as object;
    const called = await client.callTool({ name, arguments: { connectionId, ...input } });
    expect(called.isError).toBe(true);
    expect(JSON.stringify(called.content)).toContain("operations.not_allowed");
    const rest = await agents.call(`/api/broker/operations/${operationId}`, {
      method: "POST",
      credential: key,
      json: { connectionId, input },
    });
    expect(rest.body.code).toBe("operations.not_allowed");
    expect(run).toHaveBeenCalledTimes(2);
    expect(sent(), "nothing came to the provider").toBe(before);
  },
);

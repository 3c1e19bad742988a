import { salesforceCalls } from "#lib/providers/salesforce/calls.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { testClient } from "#lib/simulator/salesforce/test-client.ts";
import { operationBench } from "#lib/testing/operation-bench.ts";

/** Operations against the simulated demo org, with a person's token. */
export async function salesforceBench(username: string = demoSalesforce.users.maya) {
  const client = await testClient();
  const tokens = await client.connect({ username });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const send = async (method: string, target: string, body: string | null, more = {}) => {
    const answer = await fetch(client.at(demoSalesforce.host, target), {
      method,
      headers: {
        ...headers,
        ...more,
        ...(body === null ? {} : { "content-type": "application/json" }),
      },
      body,
      redirect: "manual",
    });
    const text = await answer.text();
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: text };
  };
  const bench = operationBench(
    "salesforce",
    salesforceCalls,
    (request) =>
      send(
        request.method,
        `${request.path}${request.query === "" ? "" : `?${request.query}`}`,
        request.body,
        request.headers,
      ),
    (ms) => client.simulator.clock.advanceSeconds(ms / 1_000),
  );
  const data = "/services/data/v64.0";
  /** What somebody else does in the org meanwhile. */
  // biome-ignore lint/suspicious/noExplicitAny: any answer, read by tests
  async function elsewhere(method: string, path: string, body?: unknown): Promise<any> {
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await send(method, `${data}${path}`, text);
    return answer.body ? JSON.parse(answer.body) : null;
  }
  // biome-ignore lint/suspicious/noExplicitAny: rows, read by tests
  const select = async (soql: string): Promise<any[]> =>
    (await elsewhere("GET", `/query?q=${encodeURIComponent(soql)}`)).records;
  const count = async (soql: string): Promise<number> =>
    (await elsewhere("GET", `/query?q=${encodeURIComponent(soql)}`)).totalSize;
  return { ...bench, simulator: client.simulator, elsewhere, select, count };
}

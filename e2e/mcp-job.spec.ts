import { writeFile } from "node:fs/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Page, TestInfo } from "@playwright/test";
import { makeAgent } from "./support/agent.ts";
import {
  connectDirectly,
  demoMarketingCloud,
  makeConnection,
  marketingCloudDemo,
  removeConnections,
  salesforceDemo,
} from "./support/connect.ts";
import { addPerson, type Person, removePerson, signInAs } from "./support/people.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 180_000 });

const iris: Person = {
  name: "Iris Vang",
  email: "iris@studio.example",
  password: "seven herons on a frozen canal",
};
const made: string[] = [];

test.beforeAll(() => addPerson(iris));
test.afterAll(async () => {
  await removePerson(iris);
  await removeConnections(made);
});

// biome-ignore lint/suspicious/noExplicitAny: any tool's answer
type Answer = any;

/** An agent of Iris's on this connection, worked by the official client; what it does is kept as text. */
async function givenAgent(page: Page, name: string, connectionId: string) {
  const { key } = await makeAgent(page, name, { connections: [{ connectionId }] });
  const client = new Client({ name: "job", version: "1.0.0" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL("/api/mcp", studioUrl), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );
  const transcript: string[] = [];
  const use = async (tool: string, args: Record<string, unknown>): Promise<Answer> => {
    const result = await client.callTool({ name: tool, arguments: args });
    const answer = result.structuredContent ?? result.content;
    transcript.push(`> ${tool} ${JSON.stringify(args)}`, JSON.stringify(answer));
    expect(result.isError ?? false, JSON.stringify(answer)).toBe(false);
    return answer;
  };
  const keep = (testInfo: TestInfo) =>
    writeFile(testInfo.outputPath("transcript.txt"), transcript.join("\n"));
  return { client, use, keep };
}

/** Waits as an agent does, while its owner decides in the browser. */
async function followToEnd(
  use: (tool: string, args: Record<string, unknown>) => Promise<Answer>,
  plan: { id: string; seen: string; state: string },
): Promise<Answer> {
  let now: Answer = { plan };
  while (["proposed", "approved", "applying"].includes(now.plan.state)) {
    now = await use("plans_get", { planId: plan.id, waitSeconds: 20, seen: now.plan.seen });
  }
  return now;
}

async function approveInBrowser(page: Page, url: string, title: string | RegExp): Promise<void> {
  await page.goto(url);
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await page.getByRole("button", { name: /^Approve and run 1 step/ }).click();
  await expect(page.getByText(/^Applied/).first()).toBeVisible();
}

test("the official MCP client does a whole job in an org: reads, proposes, waits, its owner approves in the browser, it reads back", async ({
  page,
}, testInfo) => {
  await page.context().clearCookies();
  await signInAs(page, iris, "/settings");
  const connectionId = await makeConnection(page, salesforceDemo("Iris's own org"));
  made.push(connectionId);
  await connectDirectly(page, connectionId, "Maya Lindqvist");
  const { client, use, keep } = await givenAgent(page, "Number keeper", connectionId);

  const soql = "SELECT Id, Name, Phone FROM Account ORDER BY Name DESC LIMIT 1";
  const { data } = await use("salesforce_query", { connectionId, soql });
  const [{ Id: id }] = data.records;
  const { plan } = await use("salesforce_records_update", {
    connectionId,
    object: "Account",
    id,
    values: { Phone: "+47 22 11 33 55" },
    planReason: "The number on their website is this one.",
  });
  expect(plan).toMatchObject({ state: "proposed", stepCount: 1, records: 1 });
  const [ended] = await Promise.all([
    followToEnd(use, plan),
    approveInBrowser(page, plan.url, /Account/),
  ]);
  expect(ended.plan.state).toBe("applied");
  const after = await use("salesforce_query", {
    connectionId,
    soql: `SELECT Phone FROM Account WHERE Id = '${id}'`,
  });
  expect(after.data.records).toEqual([{ Phone: "+47 22 11 33 55" }]);
  await keep(testInfo);
  await client.close();
});

test("the official MCP client does a whole job in a business unit: rows read, a change proposed, approved in the browser, read back", async ({
  page,
}, testInfo) => {
  await page.context().clearCookies();
  await signInAs(page, iris, "/settings");
  const connectionId = await makeConnection(
    page,
    marketingCloudDemo("Iris's own unit", {
      accountId: demoMarketingCloud.mids.stores,
      scopes: ["offline", "accounts_read", "data_extensions_read", "data_extensions_write"],
    }),
  );
  made.push(connectionId);
  await connectDirectly(page, connectionId, "Maya Lindqvist");
  const { client, use, keep } = await givenAgent(page, "Order keeper", connectionId);

  const { data: catalogue } = await use("marketing_cloud_data_extensions_list", {
    connectionId,
    search: "Orders",
  });
  const { key } = catalogue.dataExtensions[0];
  const rows = async () =>
    (
      await use("marketing_cloud_data_extensions_rows", {
        connectionId,
        key,
        filter: { conditions: [{ column: "OrderId", is: "eq", value: "O000011" }] },
      })
    ).data.rows;
  const [{ Status: before }] = await rows();
  const status = before === "shipped" ? "returned" : "shipped";
  const { plan } = await use("plans_propose", {
    title: "Mark one order",
    reason: "The warehouse says so.",
    operations: [
      {
        operationId: "marketing-cloud.rows.upsert",
        connectionId,
        input: { key, rows: [{ OrderId: "O000011", Status: status }] },
      },
    ],
  });
  const [ended] = await Promise.all([
    followToEnd(use, plan),
    approveInBrowser(page, plan.url, "Mark one order"),
  ]);
  expect(ended.plan.state).toBe("applied");
  expect(await rows()).toMatchObject([{ Status: status }]);
  await keep(testInfo);
  await client.close();
});

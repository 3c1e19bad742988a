import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility.ts";
import { askBroker, makeAgent } from "./support/agent.ts";
import {
  allowAs,
  call,
  connectDirectly,
  isBack,
  makeConnection,
  removeConnections,
  salesforceDemo,
} from "./support/connect.ts";
import { withDatabase } from "./support/database.ts";
import { addPerson, type Person, removePerson, signInAs } from "./support/people.ts";
import { raw } from "./support/raw.ts";
import { ownerState, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 240_000 });

const ravi: Person = {
  name: "Ravi Anand",
  email: "ravi@studio.example",
  password: "eleven paper kites at harbour",
};
const org = "An org an agent asks for";
const made = "An org made for an agent";
let connectionId: string;
const alsoMade: string[] = [];

test.beforeAll(async ({ browser }) => {
  await addPerson(ravi);
  const context = await browser.newContext({ storageState: ownerState, baseURL: studioUrl });
  connectionId = await makeConnection(await context.newPage(), salesforceDemo(org));
  await context.close();
});

test.afterAll(async () => {
  await removePerson(ravi);
  await removeConnections([connectionId, ...alsoMade]);
});

async function asRavi(page: Page, returnTo: string): Promise<void> {
  await page.context().clearCookies();
  await signInAs(page, ravi, returnTo);
}

type Asked = { id: string; state: string; isReady: boolean; connection: { id: string } | null };

/** What an agent does over HTTP with its key. */
const agentWith = (key: string) => {
  const send = <T>(method: string, path: string, body?: unknown) =>
    askBroker<T>(key, method, path, body);
  return {
    ask: (input: object) => send<Asked>("POST", "/connection-requests", input),
    // As agents do: asked again until it may go on, or will not.
    wait: async (id: string) => {
      for (;;) {
        const answer = await send<Asked>("GET", `/connection-requests/${id}?waitSeconds=25`);
        const { state, isReady } = answer.body;
        if (isReady || (state !== "waiting" && state !== "answered")) return answer;
      }
    },
    read: (operationId: string, id: string) =>
      send<{ rows: number }>("POST", `/operations/${operationId}`, {
        connectionId: id,
        input: {},
      }),
  };
};

async function givenAgent(page: Page, name: string, more: object = {}) {
  const made = await makeAgent(page, name, more);
  return { ...made, agent: agentWith(made.key) };
}

test("an agent asks for a connection and waits; its owner picks one in the studio, and the call goes on", async ({
  page,
}) => {
  await asRavi(page, "/integrations");
  await connectDirectly(page, connectionId, "Maya Lindqvist");

  // The guided form: what it may do, no connection but "ask me", a budget.
  await page.goto("/agents/new");
  await page.getByLabel("Name", { exact: true }).fill("Case counter");
  await expect(page.getByRole("checkbox", { name: /Ask me for what it lacks/ })).toBeChecked();
  await page.getByRole("radio", { name: /^Small/ }).check();
  await expectAccessible(page, "agent guided");
  await page.getByRole("button", { name: "Make the agent" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Case counter" })).toBeVisible();
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByRole("button", { name: "Make the key" }).click();
  const dialog = page.getByRole("dialog", { name: "Copy the key now" });
  await dialog.getByText("Set it up now").click();
  await dialog.getByRole("radio", { name: "Codex CLI" }).check({ force: true });
  await expect(dialog.getByRole("region", { name: "Snippet for Codex CLI" })).toContainText(
    `url = "${studioUrl}/api/mcp"`,
  );
  await expectAccessible(page, "agent key set up");
  const key = (await dialog.getByText(/^mmk_[\w.]{22}_[\w.]{43}$/).textContent()) ?? "";
  await page.getByRole("button", { name: "I have it" }).click();
  expect(await page.content()).not.toContain(key.slice(27));
  const agent = agentWith(key);

  // The page is open while the agent asks: it hears of it.
  await page.goto("/agents/requests");
  await expect(page.getByText("No agent waits for you")).toBeVisible();
  const asked = await agent.ask({ provider: "salesforce", reason: "Count this week's open cases" });
  expect(asked.status).toBe(202);
  const answered = agent.wait(asked.body.id);
  await expect(
    page.getByRole("heading", { name: "Case counter asks for a Salesforce org" }),
  ).toBeVisible();
  await expect(page.getByText("Count this week's open cases").first()).toBeVisible();
  await expectAccessible(page, "agent requests");
  await page.getByRole("button", { name: "Choose a connection for Case counter" }).click();
  await page.getByLabel("Search connections").fill("an agent asks");
  const found = page.getByRole("list", { name: "Connections found" });
  await expect(found.getByRole("radio")).toHaveCount(1);
  await found.getByRole("radio", { name: org }).check();
  await expectAccessible(page, "agent request answer");
  await page.getByRole("button", { name: `Give ${org}` }).click();

  const { body } = await answered;
  expect(body).toMatchObject({
    state: "answered",
    isReady: true,
    connection: { id: connectionId },
  });
  const limits = await agent.read("salesforce.limits", body.connection?.id ?? "");
  expect(limits.status).toBe(200);
  await expect(page.getByText("Answered lately")).toBeVisible();

  // What it did is in its log, and counts for its day.
  await page.goto("/agents");
  await page.getByRole("link", { name: "Case counter" }).click();
  const log = page.getByRole("list", { name: "What it does" });
  await expect(log.getByText("Asked for a connection")).toBeVisible();
  await expect(log.getByRole("listitem").filter({ hasText: org }).first()).toBeVisible();
  await expect(page.getByRole("meter", { name: "Calls" })).toHaveAttribute("aria-valuemax", "500");
  const lines = await log.getByRole("listitem").count();
  await agent.read("salesforce.limits", connectionId);
  await agent.read("salesforce.objects.list", connectionId);
  await expect(log.getByRole("listitem")).toHaveCount(lines + 2);
  await expectAccessible(page, "agent live");
});

test("a request leads through connecting a new org and back, and the agent waits until then", async ({
  page,
}) => {
  await asRavi(page, "/agents");
  const { agent } = await givenAgent(page, "Org scout");
  const { body: asked } = await agent.ask({
    provider: "salesforce",
    reason: "Look at the new org",
  });
  await page.goto("/agents");
  await expect(page.getByText("An agent of yours asks for a connection, and waits.")).toBeVisible();
  await expectAccessible(page, "agents waiting");
  await page.getByRole("link", { name: "Answer" }).click();
  await page.getByRole("button", { name: "Choose a connection for Org scout" }).click();
  await page.getByRole("link", { name: "Connect a new one" }).click();
  await expect(page.getByRole("form", { name: "Connect Salesforce" })).toBeVisible();
  await page.getByRole("radio", { name: /^Demo/ }).check();
  await page.getByLabel("Connection name").fill(made);
  const opened = page.context().waitForEvent("page");
  await page.getByRole("button", { name: /^Connect/ }).click();
  const window = await opened;
  await allowAs(window, "Theo Brandt");
  await window.waitForURL(isBack);
  await page.getByRole("link", { name: "Carry on" }).click();
  await page.waitForURL(/\/agents\/requests\?request=.*&connection=/);
  alsoMade.push(new URL(page.url()).searchParams.get("connection") ?? "");
  const waits = agent.wait(asked.id);
  await page.getByRole("button", { name: `Give ${made}` }).click();
  const { body } = await waits;
  expect(body).toMatchObject({ isReady: true });
  expect((await agent.read("salesforce.limits", body.connection?.id ?? "")).status).toBe(200);
});

test("a declined request is told at once, and one without a sign-in says what is missing", async ({
  page,
}) => {
  await asRavi(page, "/agents");
  const { agent } = await givenAgent(page, "Mail helper");
  const { body: declined } = await agent.ask({ provider: "marketing-cloud" });
  const no = agent.wait(declined.id);
  await page.goto("/agents/requests");
  await page.getByRole("button", { name: /^Decline Mail helper/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Decline" }).click();
  expect((await no).body.state).toBe("declined");

  const elsewhere = await makeConnection(page, salesforceDemo("An org nobody is signed in to"));
  alsoMade.push(elsewhere);
  const { body: asked } = await agent.ask({ reason: "Look there" });
  await call(page, "POST", `/api/connection-requests/${asked.id}/answer`, {
    connectionId: elsewhere,
  });
  await page.goto(`/agents/requests?request=${asked.id}`);
  await expect(page.getByText("You are not connected there yet.")).toBeVisible();
  await expectAccessible(page, "agent request unfinished");
  const waits = agent.wait(asked.id);
  await connectDirectly(page, elsewhere, "Theo Brandt");
  expect((await waits).body).toMatchObject({ isReady: true });
});

test("[PLN-6] what an agent does often is approved beforehand within limits, in plain sight, and revoked", async ({
  page,
}) => {
  await asRavi(page, "/integrations");
  await connectDirectly(page, connectionId, "Maya Lindqvist");
  const { id } = await givenAgent(page, "Case closer", { connections: [{ connectionId }] });
  await page.goto(`/agents/${id}`);
  await page.getByRole("button", { name: "Approve something beforehand" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Operation").selectOption("salesforce.records.update");
  await dialog.getByLabel("Steps").fill("5");
  await expectAccessible(page, "agent approve beforehand");
  await dialog.getByRole("button", { name: "Approve beforehand" }).click();
  await expect(page.getByText(/5 of 5 steps left · at most 10 records each/)).toBeVisible();
  await expectAccessible(page, "agent standing");
  await page.getByRole("button", { name: /^Revoke .* on An org an agent asks for/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke the approval" }).click();
  await expect(page.getByText("each plan waits for your approval")).toBeVisible();
  await expect(page.getByText("1 is over")).toBeVisible();
});

test("[BRK-13] a paused agent says why, and goes on at its owner's word", async ({ page }) => {
  await asRavi(page, "/agents");
  const { id } = await givenAgent(page, "Hungry reader", { connections: [{ connectionId }] });
  await withDatabase((client) =>
    client.query(
      "update agents set paused_at = now(), paused_reason = 'bulk_reads' where id = $1",
      [id],
    ),
  );
  await page.goto(`/agents/${id}`);
  await expect(page.getByText("It read far more rows than on its other days.")).toBeVisible();
  await expectAccessible(page, "agent paused");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: /^Your own figures/ }).check();
  await dialog.getByLabel("Rows read a day").fill("2000");
  await expectAccessible(page, "agent change");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("2\u00a0000 rows")).toBeVisible();
  await page.getByRole("button", { name: "Let it go on" }).click();
  await expect(page.getByText("The studio paused Hungry reader")).toHaveCount(0);
  await page.goto("/agents");
  await expect(page.getByRole("row").filter({ hasText: "Hungry reader" })).not.toContainText(
    "Paused",
  );
});

test("[BRK-13] a key on a new network is refused; its owner sees where, says it was them, and it goes on", async ({
  page,
}) => {
  await asRavi(page, "/agents");
  const { id, key, keyId } = await givenAgent(page, "Stays at home", {
    connections: [{ connectionId }],
  });
  await withDatabase((client) =>
    client.query(
      `insert into agent_key_networks (key_id, network, state, first_seen_at)
       values ($1, '203.0.113.0/24', 'known', now() - interval '2 days')`,
      [keyId],
    ),
  );
  const headers = { authorization: `Bearer ${key}` };
  const asked = async () => (await raw("/api/broker/connections", { headers })).status;
  expect(await asked()).toBe(401);
  await page.goto("/plans");
  await expect(page.getByText("1 agent was used in an unusual way.")).toBeVisible();
  await page.goto(`/agents/${id}`);
  await expect(page.getByText("from a network where it never was before")).toBeVisible();
  await expect(page.getByText("127.0.0.0/24", { exact: true }).first()).toBeVisible();
  await expectAccessible(page, "agent new network");
  await page.getByRole("button", { name: "It was us, go on" }).click();
  await expect(page.getByText("The studio paused Stays at home")).toHaveCount(0);
  await expect.poll(asked).toBe(200);
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: /^Pause it on a new network/ }).uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Tells you")).toBeVisible();
});

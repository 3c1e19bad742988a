import type { Page } from "@playwright/test";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { expectAccessible } from "./support/accessibility.ts";
import { asAgent, makeAgent } from "./support/agent.ts";
import { allowAs, connectDirectly, makeConnection, removeConnections } from "./support/connect.ts";
import { withDatabase } from "./support/database.ts";
import { addPerson, type Person, removePerson, signInAs } from "./support/people.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

// The provider's true names are answered here by a certificate that the browser does not know.
test.use({ ignoreHTTPSErrors: true });
test.describe.configure({ timeout: 180_000, mode: "serial" });

const selma: Person = {
  name: "Selma Rinne",
  email: "selma@studio.example",
  password: "thirteen kettles by the ferry",
};
const user = "Maya Lindqvist";
const production = "Selma's production";
const sandbox = "Selma's staging";
const ids: Record<string, string> = {};
const contacts: Record<string, string[]> = {};
let key: string;

type Plan = { id: string; state: string; version: number };

const change = (org: string, at: number, description: string) => ({
  operationId: "salesforce.records.update",
  connectionId: ids[org],
  input: { object: "Contact", id: contacts[org]?.[at], values: { Description: description } },
});
const propose = (title: string, operations: unknown[]) =>
  asAgent<Plan>(key, "POST", "/plans", { title, reason: "", operations });

async function asSelma(page: Page, returnTo: string): Promise<void> {
  await page.context().clearCookies();
  await signInAs(page, selma, returnTo);
}

test.beforeAll(async ({ browser }) => {
  await addPerson(selma);
  const context = await browser.newContext({
    baseURL: studioUrl,
    ignoreHTTPSErrors: true,
    storageState: { cookies: [], origins: [] },
  });
  const page = await context.newPage();
  await signInAs(page, selma, "/settings");
  for (const [name, environment] of [
    [production, "production"],
    [sandbox, "sandbox"],
  ] as const) {
    ids[name] = await makeConnection(page, {
      ...{ provider: "salesforce", method: "custom-app", name, environment },
      clientId: demoSalesforce.clientId,
      scopes: ["api", "refresh_token", "offline_access"],
    });
    await connectDirectly(page, ids[name], user);
  }
  ({ key } = await makeAgent(page, "Careful hand", {
    connections: Object.values(ids).map((connectionId) => ({ connectionId })),
  }));
  for (const [name, connectionId] of Object.entries(ids)) {
    const { result } = await asAgent<{ result: { records: { Id: string }[] } }>(
      key,
      "POST",
      "/operations/salesforce.query",
      { connectionId, input: { soql: "SELECT Id FROM Contact ORDER BY Id DESC LIMIT 8" } },
    );
    contacts[name] = result.records.map(({ Id }) => Id);
  }
  await context.close();
});

test.afterAll(async () => {
  await removePerson(selma);
  await removeConnections(Object.values(ids));
});

test("[PLN-9] production is changed by whoever types its name, by keyboard alone, letter by letter", async ({
  page,
}) => {
  const plan = await propose("Two notes in production", [
    change(production, 0, "Called on Monday"),
    change(sandbox, 0, "Called on Monday"),
  ]);
  await asSelma(page, `/plans/${plan.id}`);
  await expect(page.getByText("All 2 steps are on this page, whole")).toBeVisible();
  const approve = page.getByRole("button", { name: "Approve and run 2 steps" });
  await expect(approve).toBeDisabled();
  await page.locator("body").press("a");
  const name = page.getByLabel(`Type ${production} to change production`);
  await expect(name).toBeFocused();
  const isPasted = await name.evaluate((input) =>
    input.dispatchEvent(new Event("paste", { bubbles: true, cancelable: true })),
  );
  expect(isPasted, "a pasted name is nobody's").toBe(false);
  await page.keyboard.type(production.slice(0, -1));
  await expect(page.getByText("1 letter to go")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(approve).toBeDisabled();
  await expectAccessible(page, "plan on production");
  await name.focus();
  await page.keyboard.press("End");
  await page.keyboard.type(production.slice(-1));
  await expect(page.getByText("That is its name")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByText("All 2 steps applied", { exact: true })).toBeVisible();
});

test("[PLN-3] whoever looked at a plan is told what an edit changed, and what each step was", async ({
  page,
}) => {
  const plan = await propose("Three notes", [
    change(sandbox, 1, "First"),
    change(sandbox, 2, "Second"),
    change(sandbox, 3, "Third"),
  ]);
  await asSelma(page, `/plans/${plan.id}`);
  await expect(page.getByText("All 3 steps are on this page, whole")).toBeVisible();
  await asAgent(key, "PUT", `/plans/${plan.id}`, {
    title: "Three notes",
    version: 1,
    operations: [
      change(sandbox, 1, "First"),
      change(sandbox, 2, "Second, after a word with sales"),
      {
        operationId: "salesforce.records.delete",
        connectionId: ids[sandbox],
        input: { object: "Contact", id: contacts[sandbox]?.[4] },
      },
    ],
  });
  await expect(
    page.getByRole("heading", { name: "Since version 1, which you looked at" }),
  ).toBeVisible();
  await expect(page.getByText("1 step changed: step 2")).toBeVisible();
  await expect(page.getByText("1 new step: step 3")).toBeVisible();
  await expect(page.getByText(/^1 step gone:/)).toBeVisible();
  const second = page.getByRole("region", { name: /^Step 2:/ });
  await expect(second.getByText("changed", { exact: true })).toBeVisible();
  await second.getByText("As it was in version 1").click();
  await expect(second.getByText("Second", { exact: true })).toBeVisible();
  await expect(
    page.getByRole("region", { name: /^Step 3:/ }).getByText("new", { exact: true }),
  ).toBeVisible();
  await expectAccessible(page, "plan changed");

  await page.reload();
  await expect(
    page.getByRole("heading", { name: "Since version 1, which you looked at" }),
  ).toBeVisible();
  await page.getByRole("button", { name: "Decline", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Decline the plan" }).click();
  await expect(page.getByText("Nothing was sent", { exact: true })).toBeVisible();
});

test("a plan that would stop at an org is reconnected from the plan itself, and goes on", async ({
  page,
}) => {
  const plan = await propose("A note in staging", [change(sandbox, 5, "Sent the catalogue")]);
  await withDatabase((client) =>
    client.query(
      "update grants set state = 'needs_reconnect', reason = 'grant_pushed_out', generation = generation + 1, refresh_token_sealed = null, refresh_due_at = null where connection_id = $1",
      [ids[sandbox]],
    ),
  );
  await asSelma(page, `/plans/${plan.id}`);
  const approve = page.getByRole("button", { name: "Approve and run 1 step" });
  await expect(page.getByText("The step is on this page, whole")).toBeVisible();
  await expect(approve).toBeDisabled();
  await expect(
    page.getByRole("heading", { name: new RegExp(`^${sandbox}.*Needs reconnect`) }),
  ).toBeVisible();
  await expectAccessible(page, "plan to reconnect");

  const decision = page.getByRole("complementary", { name: "Decision" });
  const opened = page.context().waitForEvent("page");
  await decision.getByRole("button", { name: `Reconnect ${sandbox}` }).click();
  await allowAs(await opened, user);
  await page.getByRole("link", { name: "Carry on" }).click();
  await expect(page).toHaveURL(`/plans/${plan.id}`);
  await expect(page.getByText("Needs reconnect")).toHaveCount(0);
  await approve.click();
  await expect(page.getByText("The step is applied", { exact: true })).toBeVisible();
});

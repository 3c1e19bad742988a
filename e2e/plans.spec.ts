import path from "node:path";
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility.ts";
import { asAgent, makeAgent } from "./support/agent.ts";
import {
  call,
  connectDirectly,
  demoMarketingCloud,
  makeConnection,
  marketingCloudDemo,
  removeConnections,
  salesforceDemo,
} from "./support/connect.ts";
import { addPerson, type Person, removePerson, signInAs } from "./support/people.ts";
import { picturesDir, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 180_000, mode: "serial" });

const pia: Person = {
  name: "Pia Sommer",
  email: "pia@studio.example",
  password: "copper meadow under slow clouds",
};
const org = "Pia's own org";
const agentName = "Journey scout";
const zeroWidth = "\u200b";
let connectionId: string;
let unitId: string;
let key: string;
let contacts: { Id: string; Description: string | null }[];

type Plan = { id: string; state: string; version: number; hash: string; rejection: string | null };

async function read(soql: string): Promise<typeof contacts> {
  const answer = await asAgent<{ result: { records: typeof contacts } }>(
    key,
    "POST",
    "/operations/salesforce.query",
    { connectionId, input: { soql } },
  );
  return answer.result.records;
}

const change = (at: number, description: string) => ({
  operationId: "salesforce.records.update",
  connectionId,
  input: { object: "Contact", id: contacts[at]?.Id, values: { Description: description } },
});
const propose = (title: string, operations: unknown[], more: object = {}) =>
  asAgent<Plan>(key, "POST", "/plans", {
    title,
    reason: "They lapsed in October.",
    operations,
    ...more,
  });
const planOf = (id: string) => asAgent<Plan>(key, "GET", `/plans/${id}`);

async function asPia(page: Page, returnTo: string): Promise<void> {
  await page.context().clearCookies();
  await signInAs(page, pia, returnTo);
}

test.beforeAll(async ({ browser }) => {
  await addPerson(pia, "admin");
  const context = await browser.newContext({
    baseURL: studioUrl,
    storageState: { cookies: [], origins: [] },
  });
  const page = await context.newPage();
  await signInAs(page, pia, "/settings");
  connectionId = await makeConnection(page, salesforceDemo(org));
  await connectDirectly(page, connectionId, "Maya Lindqvist");
  unitId = await makeConnection(
    page,
    marketingCloudDemo("Pia's own unit", {
      accountId: demoMarketingCloud.mids.stores,
      scopes: ["offline", "documents_and_images_read", "saved_content_write"],
    }),
  );
  await connectDirectly(page, unitId, "Maya Lindqvist");
  ({ key } = await makeAgent(page, agentName, {
    mode: "plan",
    connections: [connectionId, unitId].map((id) => ({
      connectionId: id,
      directWritesUntil: null,
    })),
  }));
  contacts = await read("SELECT Id, Description FROM Contact ORDER BY CreatedDate DESC LIMIT 12");
  await context.close();
});

test.afterAll(async () => {
  await removePerson(pia);
  await removeConnections([connectionId, unitId]);
});

test("with nothing to decide the inbox says so, and says what will stand there", async ({
  page,
}) => {
  await asPia(page, "/plans");
  await expect(page.getByRole("heading", { name: "Nothing waits for you" })).toBeVisible();
  await expectAccessible(page, "plans empty");
});

test("[PLN-2] an agent proposes, its owner reviews and approves by keyboard alone, watches it applied, and the org holds it", async ({
  page,
  browser,
}) => {
  await asPia(page, "/plans");
  const title = "Tag three lapsed members";
  const plan = await propose(title, [
    change(0, "Win-back"),
    change(1, `Win-back,${zeroWidth} November`),
    change(2, "Win-back, and a much longer text about what was said on the phone in October"),
  ]);

  // Told, not asked for: the count and the row come by themselves.
  const row = page.getByRole("row").filter({ hasText: title });
  await expect(row.getByText("Waiting for you")).toBeVisible();
  await expect(row).toContainText(agentName);
  await expect(row).toContainText("3 steps, 3 records");
  await expect(page.getByRole("link", { name: /^Plans ?1 waiting for you$/ })).toBeVisible();
  await expectAccessible(page, "plans waiting");

  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/plans/${plan.id}`);
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await expect(page.getByRole("heading", { name: new RegExp(org) })).toContainText("Demo");
  await expect(page.getByText("U+200B", { exact: true })).toBeVisible();
  await expect(page.getByText("All 3 steps are on this page, whole")).toBeVisible();
  await expectAccessible(page, "plan waiting");

  // A second window of the same person, which nobody touches.
  const other = await browser.newContext({
    baseURL: studioUrl,
    storageState: await page.context().storageState(),
  });
  const watching = await other.newPage();
  await watching.goto(`/plans/${plan.id}`);
  await expect(watching.getByRole("heading", { name: "Approve exactly this" })).toBeVisible();

  const approve = page.getByRole("button", { name: "Approve and run 3 steps" });
  await page.locator("body").press("a");
  await expect(approve).toBeFocused();
  expect((await planOf(plan.id)).state).toBe("proposed");
  await page.keyboard.press("Enter");
  await expect(page.getByText("All 3 steps applied", { exact: true })).toBeVisible();
  await expect(watching.getByText("All 3 steps applied", { exact: true })).toBeVisible();
  await expect(
    watching.getByRole("region", { name: /^Step 3:/ }).getByText("Applied", { exact: true }),
  ).toBeVisible();
  await other.close();
  await expectAccessible(page, "plan applied");

  const ids = contacts.slice(0, 2).map(({ Id }) => `'${Id}'`);
  const after = await read(`SELECT Id, Description FROM Contact WHERE Id IN (${ids.join(", ")})`);
  expect(new Set(after.map(({ Description }) => Description))).toEqual(
    new Set(["Win-back", `Win-back,${zeroWidth} November`]),
  );

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save as JSON" }).click();
  expect((await download).suggestedFilename()).toBe(`plan-${plan.id}.ndjson`);
  await page.getByRole("link", { name: "Print" }).click();
  await expect(page.getByRole("button", { name: "Print" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
});

test("whoever asks for changes is read by the agent, and nothing is sent", async ({ page }) => {
  const plan = await propose("Tag one more", [change(3, `Win${zeroWidth}-back`)]);
  await asPia(page, `/plans/${plan.id}`);
  await page.getByRole("button", { name: "Ask for it without" }).click();
  const dialog = page.getByRole("dialog", { name: "Ask for changes" });
  await expect(dialog.getByLabel("What should be different")).toHaveValue(
    /Step 1 holds hidden characters \(Description\)/,
  );
  await dialog.getByRole("button", { name: "Ask for changes" }).click();
  await expect(page.getByText("Nothing was sent", { exact: true })).toBeVisible();
  await expect.poll(async () => (await planOf(plan.id)).state).toBe("rejected");
  expect((await planOf(plan.id)).rejection).toContain("hidden characters");
  await page.goto("/plans?tab=ended");
  await expect(page.getByRole("row").filter({ hasText: "Tag one more" })).toContainText("Declined");
});

test("[PLN-3] an edit while somebody looks shows the new version, and the old one cannot be approved", async ({
  page,
}) => {
  const plan = await propose("Tag a fifth", [change(4, "Win-back")]);
  await asPia(page, `/plans/${plan.id}`);
  await expect(page.getByText("Win-back", { exact: true })).toBeVisible();
  const edited = await asAgent<Plan>(key, "PUT", `/plans/${plan.id}`, {
    title: "Tag a fifth",
    version: 1,
    operations: [change(4, "Something else altogether")],
  });
  expect(edited.version).toBe(2);
  await expect(page.getByText("Something else altogether")).toBeVisible();
  await expect(page.getByText(/^Version 2, changed/)).toBeVisible();
  const stale = await call<{ code: string }>(page, "POST", `/api/plans/${plan.id}/approve`, {
    hash: plan.hash,
  });
  expect(stale).toMatchObject({ status: 409, body: { code: "plans.changed" } });
  await page.getByRole("button", { name: "Decline", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Decline the plan" }).click();
  await expect(page.getByText("Nothing was sent", { exact: true })).toBeVisible();
});

test("[PLN-10] what changed in the org meanwhile stops the plan before it is sent, and the page says so", async ({
  page,
}) => {
  const first = await propose("Tag a sixth", [change(5, "First"), change(6, "First")]);
  const second = await propose("Tag the sixth otherwise", [change(5, "Second")]);
  await asPia(page, `/plans/${second.id}`);
  await page.getByRole("button", { name: "Approve and run 1 step" }).click();
  await expect(page.getByText("The step is applied", { exact: true })).toBeVisible();
  await page.goto(`/plans/${first.id}`);
  await page.getByRole("button", { name: "Approve and run 2 steps" }).click();
  await expect(page.getByText("Stopped after 0 of 2 steps", { exact: true })).toBeVisible();
  const step = page.getByRole("region", { name: /^Step 1:/ });
  await expect(step.getByText("The org changed", { exact: true })).toBeVisible();
  await expect(step.getByText(/^What this step was prepared on has changed since/)).toBeVisible();
  await expectAccessible(page, "plan stopped");
});

test("[PLN-9] a mail must be opened before it is approved, and looks as it will without running or loading anything", async ({
  page,
}) => {
  const html = `<html><head><style>h1 { color: rgb(0, 128, 96) }</style></head><body><h1>Come back</h1><img src="https://pixel.example/o.gif"><script>document.title = "taken"</script>${"<p>Long words about winter.</p>".repeat(80)}</body></html>`;
  const plan = await propose("Write the win-back mail", [
    {
      operationId: "marketing-cloud.content.create-email",
      connectionId: unitId,
      input: { name: "Win-back, as Pia has it", subject: "Come back to the fjord", html },
    },
  ]);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await asPia(page, `/plans/${plan.id}`);
  const approve = page.getByRole("button", { name: "Approve and run 1 step" });
  await expect(page.getByText("The step is on this page, whole")).toBeVisible();
  await expect(approve).toBeDisabled();
  const unopened = page.getByRole("button", { name: /^Step 1: HTML, \d kB$/ });
  await expect(unopened).toBeVisible();
  await page.getByRole("button", { name: "Open HTML" }).click();
  await expect(unopened).toBeHidden();
  await expect(approve).toBeEnabled();
  await expect(page.getByText("<h1>Come back</h1>")).toBeVisible();

  await expectAccessible(page, "plan with a mail");
  await page.getByRole("button", { name: "As it looks" }).click();
  await expect(page.getByText(/1 picture or file from elsewhere stay/)).toBeVisible();
  const frame = page.locator('iframe[title="HTML after"]');
  await expect(frame).toHaveAttribute("sandbox", "");
  await expect(frame).toHaveAttribute("srcdoc", /content-security-policy/);
  await expect(frame).not.toHaveAttribute("srcdoc", /<script/);
  const heading = frame.contentFrame().getByRole("heading", { name: "Come back" });
  await expect(heading).toHaveCSS("color", "rgb(0, 128, 96)");
  await frame.screenshot({ path: path.join(picturesDir, "mail-as-it-looks.png") });
  await expect(page).toHaveTitle(/^Write the win-back mail/);
  expect(asked.filter((url) => !url.startsWith(studioUrl) && !url.startsWith("data:"))).toEqual([]);
  await page.getByRole("button", { name: "Decline", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Decline the plan" }).click();
  await expect(page.getByText("Nothing was sent", { exact: true })).toBeVisible();
});

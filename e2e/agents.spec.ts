import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility.ts";
import {
  call,
  connectDirectly,
  makeConnection,
  removeConnections,
  salesforceDemo,
} from "./support/connect.ts";
import { pressUntil } from "./support/keys.ts";
import { addPerson, ageSession, type Person, removePerson, signInAs } from "./support/people.ts";
import { raw } from "./support/raw.ts";
import { ownerState, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 180_000 });

const lena: Person = {
  name: "Lena Marsh",
  email: "lena@studio.example",
  password: "quiet amber lantern over water",
};
const org = "Agents' own org";
let connectionId: string;
let otherId: string;

test.beforeAll(async ({ browser }) => {
  await addPerson(lena);
  const context = await browser.newContext({ storageState: ownerState, baseURL: studioUrl });
  const page = await context.newPage();
  connectionId = await makeConnection(page, salesforceDemo(org));
  otherId = await makeConnection(page, salesforceDemo("An org that Lena passes over"));
  await context.close();
});

test.afterAll(async () => {
  await removePerson(lena);
  await removeConnections([connectionId, otherId]);
});

async function asLena(page: Page, returnTo: string): Promise<void> {
  await page.context().clearCookies();
  await signInAs(page, lena, returnTo);
}

/** How the studio answers an agent that comes with this key. */
const statusWith = async (key: string) =>
  (await raw("/api/broker/connections", { headers: { authorization: `Bearer ${key}` } })).status;

/** Makes the key that the open dialog asks for, and reads it the one time that it is shown. */
async function readKey(dialog: Locator): Promise<string> {
  const shown = dialog.getByText(/^mmk_[\w.]{22}_[\w.]{43}$/);
  await expect(shown).toBeVisible();
  return (await shown.textContent()) ?? "";
}

test("[BRK-1] an agent is made, gets a key that is shown once, is rotated, revoked and deleted", async ({
  page,
}) => {
  await asLena(page, "/integrations");
  await connectDirectly(page, connectionId, "Maya Lindqvist");

  await page.goto("/integrations");
  await pressUntil(page, ["g", "a"], () => expect(page).toHaveURL("/agents", { timeout: 2_000 }));
  await expect(
    page.getByRole("heading", { name: "Let a tool work with your connections" }),
  ).toBeVisible();
  await expectAccessible(page, "agents empty");

  await page.getByRole("link", { name: "Make an agent" }).click();
  await page.getByRole("button", { name: "Make the agent" }).click();
  await expect(page.getByText("Give the agent a name.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.getByLabel("Name", { exact: true }).fill("Nightly report");
  await page.getByLabel("Search connections").fill("agents' own");
  const found = page.getByRole("list", { name: "Connections found" });
  await expect(found.getByRole("checkbox")).toHaveCount(1);
  await found.getByRole("checkbox", { name: org }).check();
  await expect(page.getByRole("list", { name: "Chosen connections" })).toContainText(org);
  await expectAccessible(page, "agent new");
  await page.getByRole("button", { name: "Make the agent" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Nightly report" })).toBeVisible();
  await expect(page.getByText("It has no key yet.")).toBeVisible();

  // A session that was left open is not enough for a key.
  await ageSession(lena);
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Laptop");
  await expectAccessible(page, "agent key dialog");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const confirm = page.getByRole("dialog", { name: /Confirm/ });
  await confirm.getByLabel("Password").fill(lena.password);
  await confirm.getByRole("button", { name: "Confirm" }).click();
  const key = await readKey(page.getByRole("dialog", { name: "Copy the key now" }));
  await expectAccessible(page, "agent key shown");
  expect(await statusWith(key)).toBe(200);
  await page.getByRole("button", { name: "I have it" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Laptop" }).first()).toContainText(
    "used",
  );
  expect(await page.content()).not.toContain(key.slice(27));
  await page.reload();
  expect(await page.content()).not.toContain(key.slice(27));

  await page.getByRole("button", { name: "Rotate Laptop" }).click();
  await page.getByRole("dialog").getByLabel("The old key ends").selectOption({ label: "At once" });
  await page.getByRole("button", { name: "Make the new key" }).click();
  const next = await readKey(page.getByRole("dialog", { name: "Copy the key now" }));
  await page.getByRole("button", { name: "I have it" }).click();
  await expect.poll(() => statusWith(key), { timeout: 1_000 }).toBe(401);
  expect(await statusWith(next)).toBe(200);

  await expect(page.getByText("1 key is over")).toBeVisible();
  await page.getByRole("button", { name: "Revoke Laptop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke the key" }).click();
  await expect(page.getByText("None of its keys works any more.")).toBeVisible();
  await expect.poll(() => statusWith(next), { timeout: 1_000 }).toBe(401);

  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete the agent" }).click();
  await expect(page).toHaveURL("/agents");
  await expect(
    page.getByRole("heading", { name: "Let a tool work with your connections" }),
  ).toBeVisible();
});

test("[BRK-3] writes are allowed connection by connection, for a time, in plain sight; an admin sees and stops it", async ({
  page,
  browser,
}) => {
  const owners = await browser.newContext({ storageState: ownerState, baseURL: studioUrl });
  await asLena(page, "/agents");
  const { body: agent } = await call<{ id: string }>(page, "POST", "/api/agents", {
    name: "Journey scout",
    connections: [{ connectionId }],
  });
  await call(page, "POST", "/api/agents", {
    name: "Field mapper with quite a long name, as people give them",
  });
  await call(page, "POST", `/api/agents/${agent.id}/keys`, { name: "Build server" });
  await page.goto(`/agents/${agent.id}`);
  await expect(page.getByText("Reads; what it would write becomes a plan")).toBeVisible();

  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page
    .getByRole("dialog")
    .getByRole("radio", { name: /^Build/ })
    .check();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(/^Writes need a plan/)).toBeVisible();
  await page.getByRole("button", { name: `Allow writes on ${org}` }).click();
  await expectAccessible(page, "agent allow writes");
  await page.getByRole("dialog").getByRole("button", { name: "Allow writes" }).click();
  await expect(page.getByText("Writes without a plan; ends")).toBeVisible();

  await page.getByRole("radio", { name: "jsforce" }).check({ force: true });
  const snippet = page.getByRole("region", { name: "Snippet for jsforce" });
  await expect(snippet).toContainText(`/api/broker/proxy/${connectionId}/rest`);
  await expectAccessible(page, "agent");
  await page.goto("/agents");
  await expect(page.getByRole("row").filter({ hasText: "Journey scout" })).toContainText(
    "Writes on 1",
  );
  await expectAccessible(page, "agents");

  // On the connection's own page too.
  await page.goto(`/integrations/${connectionId}`);
  await expect(page.getByText("Agent may write without a plan")).toBeVisible();

  const admin = await owners.newPage();
  await admin.goto("/agents?q=journey");
  await admin.getByRole("link", { name: "Journey scout" }).click();
  await expect(admin.getByText(`This is ${lena.name}'s agent.`)).toBeVisible();
  for (const name of ["Make a key", "Change", /^Rotate/, /^Allow writes/, /^End writes/]) {
    await expect(admin.getByRole("button", { name })).toHaveCount(0);
  }
  await owners.close();

  await page.goto(`/agents/${agent.id}`);
  await page.getByRole("button", { name: `End writes on ${org}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End writes" }).click();
  await expect(page.getByText(/^Writes need a plan/)).toBeVisible();
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disable the agent" }).click();
  await expect(page.getByText("Disabled: no key of it works.")).toBeVisible();
  await page.getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("Disabled: no key of it works.")).toHaveCount(0);
});

test("a list of agents is walked and opened without a mouse", async ({ page }) => {
  await asLena(page, "/agents");
  await call(page, "POST", "/api/agents", { name: "Quiet scout" });
  await page.reload();
  const search = page.getByRole("searchbox", { name: "Search agents" });
  await pressUntil(page, ["/"], () => expect(search).toBeFocused({ timeout: 1_000 }));
  await page.keyboard.type("quiet");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=quiet/);
  const link = page.getByRole("link", { name: "Quiet scout" });
  await expect(page.locator("[data-row-link]")).toHaveCount(1);
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("j");
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Quiet scout" })).toBeVisible();
});

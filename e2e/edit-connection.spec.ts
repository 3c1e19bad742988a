import { expectAccessible } from "./support/accessibility.ts";
import {
  call,
  connectDirectly,
  grantOf,
  makeConnection,
  salesforceDemo,
} from "./support/connect.ts";
import { setFault } from "./support/demo.ts";
import { expect, test } from "./support/test.ts";

const theo = { name: "Theo Brandt", username: "theo.brandt@northpine.example" };
const salesforceDemoClientId = "3MVG9NorthpineDemoQuickConnect.studio.public.app.0001";
/** The demo's app as if it were one of the customer's: its Client ID can be edited. */
const ownApp = (name: string) =>
  salesforceDemo(name, { method: "custom-app", clientId: salesforceDemoClientId });
const secretWords = /only for the app and host before/;

test("[TEN-5] an edit says whom it ends, voids it, and one press reconnects under the same ids", async ({
  page,
}) => {
  const id = await makeConnection(page, ownApp("Edited org"));
  await connectDirectly(page, id, "Theo Brandt");
  const before = await grantOf(page, id);

  await page.goto(`/integrations/${id}`);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Edit Edited org" })).toBeVisible();
  const form = page.getByRole("form", { name: "Edit Edited org" });
  await expect(form.getByLabel("Connection name")).toHaveValue("Edited org");
  await expect(form.getByText("Nobody has to reconnect")).toBeVisible();

  // Another name ends nobody's access.
  await form.getByLabel("Connection name").fill("Edited org, twice");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("link", { name: "Edit", exact: true })).toBeVisible();
  expect(await grantOf(page, id)).toMatchObject({ state: "active" });

  // Another app ends it, and says so before.
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: /^Client ID/ }).fill("3MVG9.another.app");
  await expect(page.getByText("1 person will have to reconnect: you")).toBeVisible();
  await expectAccessible(page, "edit a connection");
  await page.getByRole("button", { name: "Save and end 1 person's access" }).click();
  await expect(page.getByText("Its set-up was changed").first()).toBeVisible();
  expect(await grantOf(page, id)).toMatchObject({
    id: before?.id,
    state: "needs_reconnect",
    reason: "definition_changed",
  });

  // Back at the app of before, one sign-in reconnects.
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: /^Client ID/ }).fill(salesforceDemoClientId);
  await page.getByRole("button", { name: /^Save/ }).click();
  await expect(page.getByRole("link", { name: "Edit", exact: true })).toBeVisible();
  await connectDirectly(page, id, "Theo Brandt");
  expect(await grantOf(page, id)).toMatchObject({ id: before?.id, state: "active" });
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("a second editor is told, keeps what they typed, and saves over it knowingly", async ({
  page,
}) => {
  const id = await makeConnection(page, salesforceDemo("Two editors"));
  await page.goto(`/integrations/${id}/edit`);
  await page.getByLabel("Connection name").fill("Second editor");
  await call(page, "PATCH", `/api/connections/${id}`, { name: "First editor" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(/Somebody changed this connection while you were/)).toBeVisible();
  await expect(page.getByLabel("Connection name")).toHaveValue("Second editor");
  await expect(page.getByRole("heading", { level: 1, name: "Edit First editor" })).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("link", { name: "Edit", exact: true })).toBeVisible();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("[VA-2] a stored secret is asked for again when the app changes", async ({ page }) => {
  const id = await makeConnection(page, {
    ...salesforceDemo("Own app edited"),
    method: "custom-app",
    environment: "production",
    clientId: "3MVG9.customer.app.of.their.own",
    clientSecret: "a secret of the customer",
  });
  await page.goto(`/integrations/${id}/edit`);
  await expect(page.getByText("One is stored and stays.")).toBeVisible();
  await page.getByRole("textbox", { name: /^Client ID/ }).fill("3MVG9.another.app");
  await expect(page.getByText(secretWords)).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(/Enter the Client Secret again/)).toBeVisible();
  await page.getByLabel("Remove the stored secret").check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("link", { name: "Edit", exact: true })).toBeVisible();
  const { body } = await call<{ hasClientSecret: boolean }>(page, "GET", `/api/connections/${id}`);
  expect(body.hasClientSecret).toBe(false);
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("[OA-14] an end that is not confirmed is shown with its next try, asked for again, and confirmed", async ({
  page,
}) => {
  const id = await makeConnection(page, salesforceDemo("Unconfirmed org"));
  await connectDirectly(page, id, theo.name);
  const clear = await setFault(
    "salesforce.revoke-error",
    { error: "temporarily_unavailable", status: 503 },
    { scope: { user: theo.username } },
  );
  await page.goto(`/integrations/${id}`);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
  const receipt = page.getByRole("dialog", { name: "Disconnected from Unconfirmed org" });
  await expect(receipt.getByText(/has not confirmed .* status 503.* asks again at/)).toBeVisible();
  await receipt.getByRole("button", { name: "Done" }).click();

  const ends = page.getByRole("listitem").filter({ hasText: "has not confirmed" });
  await expect(ends.getByText(/Asked once: status 503/)).toBeVisible();
  await ends.getByText("End it by hand").click();
  await expect(ends.getByText(/OAuth Usage/)).toBeVisible();
  await expectAccessible(page, "an end not confirmed");

  // It outlives its connection, and stands in the list of all.
  await call(page, "DELETE", `/api/connections/${id}`);
  await page.goto("/integrations");
  await page.getByRole("link", { name: "Ends at providers" }).click();
  const item = page.getByRole("listitem").filter({ hasText: "Unconfirmed org" });
  await expect(item.getByText(/has not confirmed/)).toBeVisible();
  await expectAccessible(page, "ends at providers");
  await clear();
  await item.getByRole("button", { name: "Ask again now" }).click();
  await expect(item.getByText("Salesforce confirmed that the token is ended")).toBeVisible();
});

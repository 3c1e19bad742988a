import { expectAccessible } from "./support/accessibility.ts";
import {
  allowAs,
  beginOn,
  call,
  connectDirectly,
  grantOf,
  makeConnection,
  salesforceDemo,
} from "./support/connect.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 120_000 });

const pages = {
  "choosing a provider": "/integrations/new",
  "wizard quick connect, demo":
    "/integrations/new?provider=salesforce&environment=demo&method=quick",
  "wizard quick connect, not set up":
    "/integrations/new?provider=salesforce&environment=production&method=quick",
  "wizard custom app": "/integrations/new?provider=salesforce&environment=custom&method=custom-app",
  "wizard MeshMesh app":
    "/integrations/new?provider=salesforce&environment=sandbox&method=packaged-app",
  "wizard Marketing Cloud": "/integrations/new?provider=marketing-cloud",
  "reason app not installed": "/integrations/problem?reason=app_not_installed&provider=salesforce",
  "reason wrong business unit":
    "/integrations/problem?reason=wrong_business_unit&provider=marketing-cloud",
  "reason redirect URI": "/integrations/problem?reason=redirect_uri_mismatch",
  settings: "/settings",
  "integrations, nothing found": "/integrations?q=nothing-is-called-like-this",
};

for (const [name, path] of Object.entries(pages)) {
  test(`${name}: WCAG 2.2 AA in both themes, wide and narrow`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
    await expectAccessible(page, name);
  });
}

test("sign-in: WCAG 2.2 AA in both themes, wide and narrow", async ({ browser }) => {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expectAccessible(page, "sign-in");
  await context.close();
});

test("waiting, confirming, connected, detail and the filled list: WCAG 2.2 AA in both themes, wide and narrow", async ({
  page,
}) => {
  const name = "Looked at";
  const id = await makeConnection(page, salesforceDemo(name));
  await makeConnection(page, {
    provider: "salesforce",
    method: "custom-app",
    name: "A sandbox with quite a long name, as people give them when nobody stops them",
    environment: "sandbox",
    clientId: "3MVG9example.client.id",
  }).then((other) => others.push(other));
  await connectDirectly(page, id, "Maya Lindqvist");
  await expectAccessible(page, "connected");

  const grant = await grantOf(page, id);
  await page.goto(`/integrations/${id}`);
  await expectAccessible(page, "detail");
  await page.goto("/integrations");
  await expect(page.getByRole("row").filter({ hasText: name })).toBeVisible();
  await expectAccessible(page, "integrations filled");

  await page.goto(`/integrations/${id}`);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await expectAccessible(page, "disconnect dialog");
  await page.keyboard.press("Escape");
  await call(page, "DELETE", `/api/grants/${grant?.id}`);

  const { window } = await beginOn(page, id, name);
  await window.waitForURL(/authorize/);
  await page.bringToFront();
  await expectAccessible(page, "waiting");
  await allowAs(window, "Theo Brandt");
  await expect(
    page.getByRole("heading", { level: 1, name: "A different user came back" }),
  ).toBeVisible();
  await expectAccessible(page, "confirming another identity");
  await page.getByRole("button", { name: "Keep the earlier one" }).click();
  await expect(page.getByRole("button", { name: "Change to the new one" })).toHaveCount(0);
  await expectAccessible(page, "refused identity");
  for (const made of [id, ...others]) await call(page, "DELETE", `/api/connections/${made}`);
});
const others: string[] = [];

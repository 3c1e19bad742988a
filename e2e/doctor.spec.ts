import { expectAccessible } from "./support/accessibility.ts";
import {
  call,
  connectDirectly,
  demoMarketingCloud,
  grantOf,
  makeConnection,
  marketingCloudDemo,
  salesforceDemo,
} from "./support/connect.ts";
import { setFault } from "./support/demo.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 120_000 });
test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("the wizard checks what is typed: a wrong host is told, and mended without losing the form", async ({
  page,
}) => {
  await page.goto("/integrations/new?provider=salesforce&environment=custom&method=quick");
  await page
    .getByRole("textbox", { name: "My Domain" })
    .fill("acme.my.salesforce.com.evil.example");
  await page.getByLabel("Connection name").fill("Checked before");
  const check = page.getByRole("region", { name: "Check before connecting" });
  await check.getByRole("button", { name: "Check before connecting" }).click();
  const host = check
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: /^Host/ }) });
  await expect(host).toContainText("To fix");
  await expect(host).toContainText("This is not a Salesforce address");
  await expectAccessible(page, "wizard check with a wrong host");

  await page.getByRole("radio", { name: /^Demo/ }).check();
  await expect(check.getByText("The form has changed since")).toBeVisible();
  await check.getByRole("button", { name: "Check again" }).click();
  await expect(host).toContainText("Fine");
  await expect(check.getByRole("status").first()).toContainText(/^\d+ fine/);
  await expect(check.getByText("To fix")).toHaveCount(0);
  await expect(page.getByLabel("Connection name")).toHaveValue("Checked before");
  const { body } = await call<{ items: { name: string }[] }>(page, "GET", "/api/connections");
  expect(body.items.map(({ name }) => name)).not.toContain("Checked before");
});

test("[OA-9] the wizard's check leaves a typed secret where it is", async ({ page }) => {
  const secret = "s3cret-that-no-check-needs-7731";
  await page.goto("/integrations/new?provider=salesforce&environment=demo&method=custom-app");
  await page.getByLabel("Client ID").fill("3MVG9example.client.id");
  await page.getByLabel("Client Secret").fill(secret);
  const asked = page.waitForRequest((request) => request.url() === `${studioUrl}/api/doctor`);
  await page.getByRole("button", { name: "Check before connecting" }).click();
  expect((await asked).postData()).not.toContain(secret);
  await expect(page.getByRole("list", { name: "What was found" })).toBeVisible();
  expect(await page.content()).not.toContain(secret);
});

test("two tenants in one form are named by the check", async ({ page }) => {
  await page.goto("/integrations/new?provider=marketing-cloud");
  await page.getByRole("button", { name: "Fill in the demo" }).click();
  await page.getByLabel("REST Base URI").fill("https://mcother000000.rest.marketingcloudapis.com/");
  await page.getByRole("button", { name: "Check before connecting" }).click();
  const tenant = page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: /^Tenant/ }) });
  await expect(tenant).toContainText("To fix");
  await expect(tenant).toContainText("mcother000000");
  await expect(tenant).toContainText(demoMarketingCloud.subdomain);
});

test("a connection that is well passes every line, and its report can be pasted anywhere", async ({
  page,
}) => {
  const name = "Well org";
  const id = await makeConnection(page, salesforceDemo(name));
  await connectDirectly(page, id, "Theo Brandt");
  await page.goto(`/integrations/${id}`);
  await page.getByRole("link", { name: "Check", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Check of ${name}` })).toBeVisible();
  const lines = page.getByRole("list", { name: "What was found" });
  await expect(lines.locator(":scope > li")).toHaveCount(12);
  await expect(page.getByRole("status").filter({ hasText: "12 fine" })).toContainText(
    "checked now",
  );
  await expectAccessible(page, "check, all fine");

  await page.getByRole("button", { name: "Copy report" }).click();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain(`MeshMesh Studio: check of ${name}`);
  expect(report).toContain("theo.brandt@northpine.example");
  expect(report).not.toContain("3MVG9NorthpineDemoQuickConnect.studio.public.app.0001");
  expect(report).not.toMatch(/00D\w{12,15}!/);

  const grant = await grantOf(page, id);
  await call(page, "DELETE", `/api/grants/${grant?.id}`);
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(lines).toContainText("You have not connected here");
  await expect(page.getByRole("button", { name: `Connect ${name}` })).toBeVisible();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("what a connection lacks is told with what to do, in both themes, wide and narrow", async ({
  page,
}) => {
  const name = "Unwell unit";
  const id = await makeConnection(
    page,
    marketingCloudDemo(name, { accountId: demoMarketingCloud.mids.stores }),
  );
  await connectDirectly(page, id, "Jonas Beck");
  const calm = await setFault("marketing-cloud.userinfo", "unauthorized", {
    scope: { user: "jonas@demo.example", path: "/v2/userinfo" },
  });
  await page.goto(`/integrations/${id}/doctor`);
  await expect(page.getByText("reconnect_required").first()).toBeVisible();
  await expect(page.getByRole("button", { name: `Reconnect ${name}` }).first()).toBeVisible();
  await expectAccessible(page, "check, something to fix");
  await calm();
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByText("reconnect_required")).toHaveCount(0);
  const grant = await grantOf(page, id);
  await call(page, "DELETE", `/api/grants/${grant?.id}`);
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("[TEN-2] a check of nothing, or of what is no id, is not found", async ({ page }) => {
  await page.goto("/settings");
  const absent = crypto.randomUUID();
  expect((await call(page, "POST", `/api/connections/${absent}/doctor`)).status).toBe(404);
  for (const id of [absent, "not-an-id"]) {
    expect((await page.goto(`/integrations/${id}/doctor`))?.status()).toBe(404);
  }
});

import { mkdirSync, statSync } from "node:fs";
import path from "node:path";
import {
  call,
  connectDirectly,
  demoMarketingCloud,
  makeConnection,
  marketingCloudDemo,
  salesforceDemo,
} from "./support/connect.ts";
import { setFault } from "./support/demo.ts";
import { picturesDir } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

const { mids } = demoMarketingCloud;
const largestBytes = 300_000;
/** `UPDATE_PICTURE=1` renews the README's picture; a usual run leaves the tree as it is. */
const file =
  process.env.UPDATE_PICTURE === "1"
    ? path.resolve("docs/images/integrations.png")
    : path.join(picturesDir, "integrations.png");

const app = (name: string, more: Record<string, unknown>) => ({
  provider: "salesforce",
  method: "custom-app",
  name,
  clientId: "3MVG9example.client.id",
  ...more,
});

test("the README's picture is the real page with a filled list", async ({ page }) => {
  await page.goto("/settings");
  const list = await call<{ items: { id: string }[] }>(page, "GET", "/api/connections?limit=200");
  for (const { id } of list.body.items) await call(page, "DELETE", `/api/connections/${id}`);

  const make = async (definition: Record<string, unknown>, person?: string) => {
    const id = await makeConnection(page, definition);
    if (person !== undefined) await connectDirectly(page, id, person);
  };
  const custom = (customDomain: string) => ({ environment: "custom", customDomain });
  await make(app("Acme", custom("acme.my.salesforce.com")));
  await make(app("Acme uat", custom("acme--uat.sandbox.my.salesforce.com")));
  await make(salesforceDemo("Northpine Outfitters"), "Maya Lindqvist");
  await make(salesforceDemo("Northpine campaigns"), "Theo Brandt");
  const scopes = ["api", "refresh_token", "offline_access", "web"];
  const clear = await setFault(
    "wire.fields",
    { fields: { scope: "api refresh_token" } },
    { scope: { path: "/services/oauth2/token" }, times: 1 },
  );
  await make(salesforceDemo("Northpine service desk", { scopes }), "Maya Lindqvist");
  await clear();
  for (const [name, accountId] of [
    ["Northpine Group", mids.parent],
    ["Northpine Stores", mids.stores],
    ["Northpine Loyalty", mids.loyalty],
  ] as const) {
    await make(marketingCloudDemo(name, { accountId }), "Maya Lindqvist");
  }
  await make(marketingCloudDemo("Northpine Wholesale", { accountId: mids.wholesale }));

  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto("/integrations");
  await expect(page.getByRole("row").filter({ hasText: "Northpine Wholesale" })).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
  mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file, animations: "disabled", caret: "hide" });
  expect(statSync(file).size).toBeLessThan(largestBytes);
});

import { expectAccessible } from "./support/accessibility.ts";
import {
  call,
  connectDirectly,
  demoMarketingCloud,
  makeConnection,
  marketingCloudDemo,
} from "./support/connect.ts";
import { demoLog } from "./support/demo.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 150_000 });

const { mids } = demoMarketingCloud;
const parentName = "Units parent";

test.afterEach(async ({ page }) => {
  // Everything this file made, whatever became of the test.
  await page.goto("/settings");
  const { body } = await call<{ items: { id: string; name: string; accountId: number | null }[] }>(
    page,
    "GET",
    "/api/connections?provider=marketing-cloud&environment=demo&limit=200",
  );
  const names = [
    parentName,
    "Units child",
    "Northpine Stores",
    "Northpine Canada",
    "Northpine Japan",
  ];
  for (const { id, name } of body.items) {
    if (names.includes(name)) await call(page, "DELETE", `/api/connections/${id}`);
  }
});

test("[OA-8] three units are ticked and signed in to in a row, one refuses, and nothing is lost", async ({
  page,
}) => {
  const id = await makeConnection(page, marketingCloudDemo(parentName));
  await connectDirectly(page, id, "Lena Aaltonen");
  await page.goto(`/integrations/${id}`);
  await expect(page.getByText("8 business units found")).toBeVisible();
  await page.getByRole("link", { name: "Connect more" }).click();

  const table = page.getByRole("table", { name: "Business units" });
  const row = (name: string) => table.getByRole("row").filter({ hasText: name });
  const box = (name: RegExp) => table.getByRole("checkbox", { name });
  await expect(row("Northpine Outfitters").getByText("Connected", { exact: true })).toBeVisible();
  await expect(box(/^Northpine Outlet/), "a unit that is switched off").toBeDisabled();
  await expect(box(/^Northpine Outfitters/), "what is connected already").toBeDisabled();
  await expect(page.getByRole("button", { name: "Connect units" })).toBeDisabled();
  await expectAccessible(page, "business units");

  await page.getByRole("searchbox", { name: "Search units" }).fill("canada");
  await box(/^Northpine Canada/).check();
  await page.getByRole("searchbox", { name: "Search units" }).fill("");
  await box(/^Northpine Japan/).check();
  await box(/^Northpine Stores, /).check();
  // Other journeys sign in to the same units: what counts is what came back to this browser.
  const codes: string[] = [];
  page.context().on("request", (request) => {
    const code = new URL(request.url()).searchParams.get("code");
    if (code !== null && request.url().startsWith(studioUrl)) codes.push(code);
  });
  await page.getByRole("button", { name: "Connect 3 units" }).click();

  await expect(page.getByRole("heading", { name: "2 of 3 connected" })).toBeVisible({
    timeout: 60_000,
  });
  expect(new URL(page.url()).search, "a clean address").toBe("");
  await expect(row("Northpine Japan").getByText("No access")).toBeVisible();
  for (const name of ["Northpine Canada", "Northpine Stores,"]) {
    const unit = table
      .getByRole("row")
      .filter({ has: page.getByRole("checkbox", { name: new RegExp(`^${name}`) }) });
    await expect(unit.getByText("as lena@demo.example")).toBeVisible();
  }
  const exchanges = (await demoLog())
    .filter(({ path, body }) => path.startsWith("/v2/token") && body.includes("authorization_code"))
    .map(({ body }) => JSON.parse(body) as { code: string; account_id: number })
    .filter(({ code }) => codes.includes(code));
  expect(exchanges.filter(({ account_id }) => account_id === mids.stores)).toHaveLength(1);
  await expectAccessible(page, "business units, one refused");

  await page.reload();
  await expect(page.getByRole("heading", { name: "2 of 3 connected" })).toBeVisible();
  await expect(row("Northpine Japan").getByText("No access")).toBeVisible();
  await page.getByRole("button", { name: "Retry Northpine Japan" }).click();
  await expect(page.getByRole("heading", { name: "0 of 1 connected" })).toBeVisible({
    timeout: 30_000,
  });
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("heading", { name: "0 of 1 connected" })).toBeHidden();

  await page.goto("/integrations?provider=marketing-cloud");
  const list = page.getByRole("table", { name: "Connections" });
  const demo = list
    .getByRole("rowgroup")
    .filter({ has: page.getByRole("rowheader", { name: /^Demo/ }) });
  for (const [name, mid] of [
    ["Northpine Stores", "100 000 014"],
    ["Northpine Canada", "100 000 052"],
    ["Northpine Japan", "100 000 065"],
  ] as const) {
    await expect(
      demo.getByRole("row").filter({ hasText: name }).filter({ hasText: mid }),
    ).toBeVisible();
  }
  await expectAccessible(page, "integrations, grouped units");
});

test("[WEB-5] between two units one can stop, reload and carry on; an address alone begins nothing", async ({
  page,
}) => {
  const id = await makeConnection(page, marketingCloudDemo(parentName));
  await connectDirectly(page, id, "Lena Aaltonen");
  await page.goto(`/integrations/${id}/business-units`);
  const table = page.getByRole("table", { name: "Business units" });
  await table.getByRole("checkbox", { name: /^Northpine Stores, / }).check();
  await table.getByRole("checkbox", { name: /^Northpine Canada/ }).check();
  await page.getByRole("button", { name: "Connect 2 units" }).click();
  await page.getByRole("button", { name: "Stop here" }).click({ timeout: 30_000 });
  await expect(page.getByRole("heading", { name: "1 unit is left to sign in to" })).toBeVisible();

  const flows: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/flows")) flows.push(request.url());
  });
  await page.reload();
  await page.goto(`/integrations/${id}/business-units?flow=${crypto.randomUUID()}`);
  await expect(page.getByRole("heading", { name: "1 unit is left to sign in to" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Carry on" })).toBeEnabled();
  expect(flows).toEqual([]);
  await page.getByRole("button", { name: "Carry on" }).click();
  await expect(page.getByRole("heading", { name: "All 2 connected" })).toBeVisible({
    timeout: 30_000,
  });
  expect(flows).toHaveLength(1);
});

test("a child unit's sign-in says that it sees only itself", async ({ page }) => {
  const id = await makeConnection(
    page,
    marketingCloudDemo("Units child", { accountId: mids.stores }),
  );
  await connectDirectly(page, id, "Lena Aaltonen");
  await page.goto(`/integrations/${id}`);
  await expect(page.getByText(/child business unit, which sees only itself/)).toBeVisible();
  await page.goto(`/integrations/${id}/business-units`);
  await expect(
    page.getByRole("heading", { name: "Only units your team has already" }),
  ).toBeVisible();
  await expectAccessible(page, "business units, child");
});

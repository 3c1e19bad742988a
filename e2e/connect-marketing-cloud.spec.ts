import {
  allowAs,
  beginOn,
  call,
  connectDirectly,
  demoMarketingCloud,
  flowIdOf,
  grantOf,
  makeConnection,
  marketingCloudDemo,
  pressConnect,
  waitingHeading,
} from "./support/connect.ts";
import { setFault } from "./support/demo.ts";
import { demoUrl, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

const { subdomain, clientId, mids } = demoMarketingCloud;
const authHost = `${subdomain}.auth.marketingcloudapis.com`;

test("the demo tenant is connected from the list, seen, tested, disconnected and reconnected", async ({
  page,
}) => {
  const words = "Connected as maya@demo.example in Northpine Outfitters, MID 100 000 001 — Demo";
  await page.goto("/integrations");
  const window = await pressConnect(page, "Connect Demo Marketing Cloud");
  await expect(page.getByRole("heading", { level: 1, name: waitingHeading })).toBeVisible();
  await window.waitForURL(`${demoUrl}/${authHost}/login**`);
  await allowAs(window, "Maya Lindqvist");
  await expect(page.getByRole("heading", { level: 1, name: words })).toBeVisible();

  await page.getByRole("link", { name: "Open the connection" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /Demo Marketing Cloud/ })).toBeVisible();
  const connectionId = new URL(page.url()).pathname.split("/").at(-1) as string;
  await page.getByRole("button", { name: "Test call" }).click();
  await expect(
    page.getByRole("main").getByText(/^Marketing Cloud.* answered in \d+ ms$/),
  ).toBeVisible();
  const before = await grantOf(page, connectionId);

  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
  const receipt = page.getByRole("dialog", { name: "Disconnected from Demo Marketing Cloud" });
  await expect(receipt.getByText(/has no call that ends a token/)).toBeVisible();
  await expect(
    receipt.getByText(/token that is out works until .*20 minutes at most/),
  ).toBeVisible();
  await expect(receipt.getByText(/unless it is removed in Setup/)).toBeVisible();
  await expect(receipt.getByText(/Installed Packages/)).toBeVisible();
  await receipt.getByRole("button", { name: "Done" }).click();

  await connectDirectly(page, connectionId, "Maya Lindqvist");
  await expect(page.getByRole("heading", { level: 1, name: words })).toBeVisible();
  expect(await grantOf(page, connectionId)).toMatchObject({ id: before?.id, state: "active" });
});

test("the form is filled from the demo, pinned to a business unit, and connects to that unit", async ({
  page,
}) => {
  await page.goto("/integrations/new?provider=marketing-cloud");
  await page.getByRole("button", { name: "Fill in the demo" }).click();
  await expect(page.getByLabel("Client ID")).toHaveValue(clientId);
  await page.getByLabel("Connection name").fill("Stores by form");
  await page.getByRole("button", { name: /Northpine Stores/ }).click();
  await expect(page.getByLabel("Account ID (MID)")).toHaveValue(String(mids.stores));
  const window = await pressConnect(page, "Connect with Marketing Cloud");
  await flowIdOf(page);
  await expect(page.getByRole("main").getByText("MID 100 000 014")).toBeVisible();
  await allowAs(window, "Maya Lindqvist");
  await expect(
    page.getByRole("heading", {
      level: 1,
      name: "Connected as maya@demo.example in Northpine Stores, MID 100 000 014 — Demo",
    }),
  ).toBeVisible();
  await page.getByRole("link", { name: "All integrations" }).click();
  const row = page.getByRole("row").filter({ hasText: "Stores by form" });
  await expect(row.getByText("100 000 014")).toBeVisible();
  await row.getByRole("link", { name: "Open Stores by form" }).click();
  await page.waitForURL(/\/integrations\/[0-9a-f-]{36}$/);
  await call(
    page,
    "DELETE",
    `/api${new URL(page.url()).pathname.replace("integrations", "connections")}`,
  );
});

test("a person in another business unit is told which, and which one was meant", async ({
  page,
}) => {
  const name = "Wrong unit";
  const id = await makeConnection(page, marketingCloudDemo(name, { accountId: mids.stores }));
  // The tenant does not honour the asked unit: the token comes for the one the person is in.
  const clear = await setFault("marketing-cloud.account-id", "ignore", {
    scope: { app: clientId, user: "maya@demo.example" },
    times: 1,
  });
  const { window } = await beginOn(page, id, name);
  await allowAs(window, "Maya Lindqvist");
  await expect(
    page.getByRole("heading", { level: 1, name: "You are in another business unit" }),
  ).toBeVisible();
  await clear();
  await expect(
    page
      .getByRole("main")
      .getByText("You are in business unit 100 000 001, this connection is for 100 000 014."),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeEnabled();
  await expect(page.getByRole("link", { name: "Connect another MID" })).toBeVisible();
  expect(await grantOf(page, id)).toBeUndefined();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("a person without access to the business unit is told whom to ask", async ({ page }) => {
  const name = "Closed unit";
  const id = await makeConnection(page, marketingCloudDemo(name, { accountId: mids.wholesale }));
  const { window } = await beginOn(page, id, name);
  await allowAs(window, "Jonas Beck");
  await expect(
    page.getByRole("heading", { level: 1, name: "This user may not enter the business unit" }),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Copy for an admin" })).toBeVisible();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("a person who is not licensed for the package is told where the licence is given", async ({
  page,
}) => {
  const name = "No licence";
  const id = await makeConnection(page, marketingCloudDemo(name));
  const { window } = await beginOn(page, id, name);
  await allowAs(window, "Priya Raman");
  await expect(
    page.getByRole("heading", { level: 1, name: "This user is not licensed for the package" }),
  ).toBeVisible();
  await expect(
    page.getByRole("main").getByText("License the user on the Access tab"),
  ).toBeVisible();
  await expect(page.locator("summary").getByText("user_not_licensed")).toBeVisible();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("an address that is not registered keeps the person over there, and the waiting page knows", async ({
  page,
}) => {
  const name = "Not registered";
  const id = await makeConnection(page, marketingCloudDemo(name));
  // As if the package listed another address: the tenant is asked with one that it does not list.
  await page
    .context()
    .route("**/v2/authorize?**", (route) =>
      route.continue({ url: route.request().url().replace("sfmc-callback", "not-registered") }),
    );
  await page.clock.install();
  const { window, flowId } = await beginOn(page, id, name);
  await expect(
    window.getByRole("heading", { level: 1, name: "Invalid redirect URI" }),
  ).toBeVisible();
  expect(new URL(window.url()).origin, "the provider keeps the person").toBe(demoUrl);
  const fold = page.locator("summary").getByText("Does it say “Invalid redirect URI”?");
  await expect(fold).toBeVisible();
  await page.clock.fastForward(26_000);
  // Now it is said without being asked, with the exact address.
  await expect(
    page.getByRole("heading", { level: 2, name: "Does it say “Invalid redirect URI”?" }),
  ).toBeVisible();
  await expect(page.getByRole("main").getByText(`${studioUrl}/auth/sfmc-callback`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Copy the redirect URI" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Open the checklist" })).toBeVisible();
  await call(page, "DELETE", `/api/flows/${flowId}`);
  await call(page, "DELETE", `/api/connections/${id}`);
});

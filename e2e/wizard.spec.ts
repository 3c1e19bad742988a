import type { Page } from "@playwright/test";
import { call, demoMarketingCloud, flowIdOf } from "./support/connect.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

const callback = `${studioUrl}/auth/salesforce-callback`;
const choose = (page: Page, name: RegExp) => page.getByRole("radio", { name }).check();
const connect = (page: Page) => page.getByRole("button", { name: "Connect with Salesforce" });

async function openSalesforce(page: Page, query = ""): Promise<void> {
  await page.goto(`/integrations/new?provider=salesforce${query}`);
  await expect(page.getByRole("form", { name: "Connect Salesforce" })).toBeVisible();
}

/** Presses the form's button, and gives the host that the opened window was sent to. */
async function hostAfter(page: Page, button: string): Promise<string> {
  // Nobody calls the real provider from here: the window's address is all that matters.
  await page.context().route(/^https:/, (route) => route.fulfill({ body: "over there" }));
  const opened = page.context().waitForEvent("page");
  await page.getByRole("button", { name: button }).click();
  const window = await opened;
  await window.waitForURL(/authorize/);
  const url = new URL(window.url());
  expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  await window.close();
  const flowId = await flowIdOf(page);
  const flow = await call<{ connectionId: string }>(page, "GET", `/api/flows/${flowId}`);
  await call(page, "DELETE", `/api/flows/${flowId}`);
  await call(page, "DELETE", `/api/connections/${flow.body.connectionId}`);
  return `${url.origin}${url.pathname}`;
}

test("the first question is which provider, and the choice stands in the address", async ({
  page,
}) => {
  await page.goto("/integrations/new");
  await page.getByRole("button", { name: /^Salesforce/ }).click();
  await expect(page).toHaveURL(/provider=salesforce/);
  await page.goBack();
  await page.getByRole("button", { name: /^Marketing Cloud/ }).click();
  await expect(page.getByRole("form", { name: "Connect Marketing Cloud" })).toBeVisible();
});

test("each environment says where it signs in before anything is sent", async ({ page }) => {
  await openSalesforce(page);
  const says = page.getByRole("status").filter({ hasText: /Signs in at|My Domain|Salesforce/ });
  await choose(page, /^Production/);
  await expect(says.first()).toContainText("login.salesforce.com");
  await choose(page, /^Sandbox/);
  await expect(says.first()).toContainText("test.salesforce.com");
  await choose(page, /^Demo/);
  await expect(says.first()).toContainText(/localhost:\d+\/login\.salesforce\.com/);
  await choose(page, /^Custom Domain/);
  const domain = page.getByRole("textbox", { name: "My Domain" });
  for (const [typed, host] of [
    ["acme.my.salesforce.com", "acme.my.salesforce.com"],
    ["https://acme--uat.sandbox.my.salesforce.com/", "acme--uat.sandbox.my.salesforce.com"],
    ["https://acme.lightning.force.com/lightning/page/home", "acme.my.salesforce.com"],
    ["acme.my.salesforce-setup.com", "acme.my.salesforce.com"],
  ] as const) {
    await domain.fill(typed);
    await expect(page.getByRole("main").getByText("Signs in at")).toContainText(host);
  }
  for (const refused of [
    "evil.example",
    "https://acme.my.salesforce.com.evil.example",
    "10.0.0.1",
  ]) {
    await domain.fill(refused);
    await expect(page.getByRole("main").getByText("Signs in at")).toHaveCount(0);
  }
});

test("Quick Connect that the operator has not set up explains itself and offers the other ways", async ({
  page,
}) => {
  await openSalesforce(page, "&environment=production&method=quick");
  const note = page.getByRole("status").filter({ hasText: "The operator has not set this up" });
  await expect(note).toContainText("SALESFORCE_CLIENT_ID");
  await expect(connect(page)).toBeDisabled();
  await note.getByRole("button", { name: "Custom app" }).click();
  await expect(page.getByRole("radio", { name: /^Custom app/ })).toBeChecked();
  await expect(connect(page)).toBeEnabled();
  // The demo brings its own app.
  await choose(page, /^Quick Connect/);
  await choose(page, /^Demo/);
  await expect(connect(page)).toBeEnabled();
});

test("the MeshMesh app's install link follows the environment", async ({ page }) => {
  await openSalesforce(page, "&method=packaged-app&environment=production");
  const link = page.getByRole("link", { name: /Open install page/ });
  await expect(link).toHaveAttribute("href", /^https:\/\/login\.salesforce\.com\/.*p0=04t/);
  await choose(page, /^Sandbox/);
  await expect(link).toHaveAttribute("href", /^https:\/\/test\.salesforce\.com\//);
  await choose(page, /^Custom Domain/);
  await page.getByRole("textbox", { name: "My Domain" }).fill("acme.my.salesforce.com");
  await expect(link).toHaveAttribute("href", /^https:\/\/acme\.my\.salesforce\.com\//);
  await expect(page.getByRole("main").getByText("SALESFORCE_PACKAGE_CLIENT_ID")).toBeVisible();
});

test("a custom app's sign-in goes to the chosen host, for every environment", async ({ page }) => {
  for (const [environment, host] of [
    [/^Production/, "https://login.salesforce.com/services/oauth2/authorize"],
    [/^Sandbox/, "https://test.salesforce.com/services/oauth2/authorize"],
    [/^Custom Domain/, "https://acme--uat.sandbox.my.salesforce.com/services/oauth2/authorize"],
  ] as const) {
    await openSalesforce(page, "&method=custom-app");
    await choose(page, environment);
    const domain = page.getByRole("textbox", { name: "My Domain" });
    if (await domain.isVisible()) await domain.fill("acme--uat.sandbox.my.salesforce.com");
    await page.getByLabel("Connection name").fill("Somewhere real");
    await page.getByLabel("Client ID").fill("3MVG9example.client.id");
    expect(await hostAfter(page, "Connect with Salesforce")).toBe(host);
  }
});

test("[OA-11] a custom app's secret is asked for once and never shown again", async ({ page }) => {
  const secret = "s3cret-of-a-custom-app-8462";
  await openSalesforce(page, "&method=custom-app&environment=sandbox");
  const { body } = await call<{ id: string }>(page, "POST", "/api/connections", {
    provider: "salesforce",
    method: "custom-app",
    name: "With a secret",
    environment: "sandbox",
    clientId: "3MVG9example.client.id",
    clientSecret: secret,
  });
  const read = await call(page, "GET", `/api/connections/${body.id}`);
  expect(read.body).toMatchObject({ hasClientSecret: true });
  expect(JSON.stringify(read.body)).not.toContain(secret);
  await page.goto(`/integrations/${body.id}`);
  await expect(page.getByRole("main").getByText("Saved, cannot be read back")).toBeVisible();
  expect(await page.content()).not.toContain(secret);
  await page.goto(`/integrations/new?provider=salesforce&method=custom-app&from=${body.id}`);
  await expect(page.getByLabel("Connection name")).toHaveValue("With a secret");
  await expect(page.getByLabel("Client Secret")).toHaveValue("");
  expect(await page.content()).not.toContain(secret);
  await call(page, "DELETE", `/api/connections/${body.id}`);
});

test("an empty form says what is missing at each field and takes the reader to the first", async ({
  page,
}) => {
  await openSalesforce(page, "&method=custom-app&environment=custom");
  await connect(page).click();
  await expect(page.getByRole("main").getByText("3 fields to fix")).toBeVisible();
  for (const label of ["My Domain", "Connection name", "Client ID"]) {
    const field = page.getByRole("textbox", { name: label });
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(/\w/);
  }
  await expect(page.getByRole("textbox", { name: "My Domain" })).toBeFocused();
});

test("what the server refuses stands at its field, and nothing that was typed is lost", async ({
  page,
}) => {
  await openSalesforce(page, "&method=custom-app&environment=production");
  await page.getByLabel("Connection name").fill("Kept as typed");
  await page.getByLabel("Client ID").fill("3MVG9kept.client.id");
  await page.getByLabel("Client Secret").fill("kept-secret");
  // A rule that only the server knows.
  await page.route("**/api/connections", (route) =>
    route.fulfill({
      status: 400,
      contentType: "application/problem+json",
      json: {
        type: "about:blank",
        title: "Bad Request",
        status: 400,
        detail: "Something in the input is not right.",
        code: "input.invalid",
        remedy: { do: "fix-input" },
        requestId: "00000000-0000-4000-8000-000000000000",
        issues: [{ path: "clientId", message: "Another connection of this team has it." }],
      },
    }),
  );
  await connect(page).click();
  await expect(page.getByLabel("Client ID")).toHaveAccessibleDescription(
    /Another connection of this team has it/,
  );
  await expect(page.getByLabel("Client ID")).toBeFocused();
  await expect(page.getByLabel("Connection name")).toHaveValue("Kept as typed");
  await expect(page.getByLabel("Client Secret")).toHaveValue("kept-secret");
  await expect.poll(() => page.context().pages().length, "no empty window stays").toBe(1);
});

test("redirect URIs are shown for the chosen surfaces and can be copied exactly", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openSalesforce(page, "&method=custom-app&environment=production");
  await page.getByRole("button", { name: "Copy the web callback URL" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(callback);
  await page.getByRole("checkbox", { name: /^Desktop/ }).check();
  await page.getByRole("button", { name: "Copy the desktop callback URL" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    "http://localhost:1717/OauthRedirect",
  );
  await page.goto("/integrations/new?provider=marketing-cloud");
  await page.getByRole("button", { name: "Copy the web redirect URI" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `${studioUrl}/auth/sfmc-callback`,
  );
  await page.getByRole("button", { name: "Copy this checklist" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(
    `${studioUrl}/auth/sfmc-callback`,
  );
});

test("with desktop alone the form saves the connection and opens no window", async ({ page }) => {
  await openSalesforce(page, "&method=quick&environment=demo");
  await page.getByLabel("Connection name").fill("Desktop only");
  await page.getByRole("checkbox", { name: /^Desktop/ }).check();
  await page.getByRole("checkbox", { name: /^Web/ }).uncheck();
  await page.getByRole("button", { name: "Save the connection" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /Desktop only/ })).toBeVisible();
  expect(page.context().pages()).toHaveLength(1);
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("one base URI of a Marketing Cloud tenant fills the other", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { subdomain } = demoMarketingCloud;
  const uris = {
    "Auth Base URI": `https://${subdomain}.auth.marketingcloudapis.com/`,
    "REST Base URI": `https://${subdomain}.rest.marketingcloudapis.com/`,
  };
  for (const [field, text] of [
    ["Auth Base URI", subdomain],
    ["Auth Base URI", `https://${subdomain}.soap.marketingcloudapis.com/Service.asmx`],
    ["REST Base URI", uris["REST Base URI"]],
  ] as const) {
    await page.goto("/integrations/new?provider=marketing-cloud");
    await expect(page.getByRole("form")).toBeVisible();
    await page.evaluate((value) => navigator.clipboard.writeText(value), text);
    await page.getByLabel(field).focus();
    await page.keyboard.press("ControlOrMeta+V");
    for (const [label, uri] of Object.entries(uris)) {
      await expect(page.getByLabel(label)).toHaveValue(uri);
    }
  }
});

test("base URIs of two tenants are refused by naming both, and the first is one press away", async ({
  page,
}) => {
  const [first, second] = ["mcaaaaaaaaaaaaaaaaaaaaaaaaaa", "mcbbbbbbbbbbbbbbbbbbbbbbbbbb"];
  await page.goto("/integrations/new?provider=marketing-cloud");
  await page.getByLabel("Connection name").fill("Two tenants");
  await page.getByLabel("Client ID").fill("abcdefabcdefabcdefabcdef");
  await page.getByLabel("Auth Base URI").fill(`https://${first}.auth.marketingcloudapis.com/`);
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("REST Base URI")).toHaveValue(
    `https://${first}.rest.marketingcloudapis.com/`,
  );
  await page.getByLabel("REST Base URI").fill(`https://${second}.rest.marketingcloudapis.com/`);
  const words = page
    .getByRole("main")
    .getByText(`Two tenants: Auth is ${first}, REST is ${second}.`);
  await expect(words).toBeVisible();
  await page.getByRole("button", { name: "Connect with Marketing Cloud" }).click();
  await expect(words).toBeVisible();
  expect(page.context().pages()).toHaveLength(1);
  await page.getByRole("button", { name: "Use the first" }).click();
  await expect(page.getByLabel("REST Base URI")).toHaveValue(
    `https://${first}.rest.marketingcloudapis.com/`,
  );
  await expect(words).toHaveCount(0);
  expect(await hostAfter(page, "Connect with Marketing Cloud")).toBe(
    `https://${first}.auth.marketingcloudapis.com/v2/authorize`,
  );
});

test("an address that is no tenant's and a MID that is no number are refused at their fields", async ({
  page,
}) => {
  await page.goto("/integrations/new?provider=marketing-cloud");
  await page.getByLabel("Connection name").fill("Not a tenant");
  await page.getByLabel("Client ID").fill("abcdefabcdefabcdefabcdef");
  await page.getByLabel("Auth Base URI").fill("https://evil.example/auth.marketingcloudapis.com");
  const mid = page.getByLabel("Account ID (MID)");
  await page.getByRole("button", { name: "Connect with Marketing Cloud" }).click();
  await expect(page.getByLabel("Auth Base URI")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Auth Base URI")).toBeFocused();
  await mid.fill("12 three");
  await page.getByRole("button", { name: "Connect with Marketing Cloud" }).click();
  await expect(mid).toHaveAttribute("aria-invalid", "true");
  await expect(mid).toHaveAccessibleDescription(/number/);
  await expect(page.getByLabel("Connection name")).toHaveValue("Not a tenant");
  expect(page.context().pages()).toHaveLength(1);
});

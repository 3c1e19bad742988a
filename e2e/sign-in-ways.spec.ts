import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility.ts";
import { allowAs, isAtStudio } from "./support/connect.ts";
import { withDatabase } from "./support/database.ts";
import { issuerUrl, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

// Every browser here is its own: nobody is signed in at the studio, nor at a provider.
test.use({ storageState: { cookies: [], origins: [] } });
test.describe.configure({ mode: "serial" });

const sso = "Continue with Example SSO";
const domains = ["journeys.example", "northpine.example"];

test.beforeAll(async () => {
  await withDatabase(async (client) => {
    for (const domain of domains) {
      await client.query(
        `insert into team_domains (id, team_id, domain, created_at)
          select gen_random_uuid(), id, $1, now() from teams order by created_at limit 1
          on conflict do nothing`,
        [domain],
      );
    }
  });
});

test.afterAll(async () => {
  await withDatabase(async (client) => {
    await client.query("delete from team_domains where domain = any($1)", [domains]);
    await client.query("delete from users where split_part(email, '@', 2) = any($1)", [domains]);
  });
});

const inNewBrowser = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({ storageState: { cookies: [], origins: [] }, baseURL: studioUrl });

/** Types an address on the provider's own sign-in page and allows what the studio asks. */
async function signInAtIssuer(page: Page, email: string): Promise<void> {
  await page.waitForURL(`${issuerUrl}/interaction/**`);
  await page.getByPlaceholder("Enter any login").fill(email);
  await page.getByPlaceholder("and password").fill("whatever");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

const words = (page: Page, title: string) => page.getByRole("heading", { name: title });

test("a newcomer of an allowed mail domain signs in through the identity provider, back to where they were going", async ({
  page,
}) => {
  await page.goto("/settings");
  await expect(page).toHaveURL("/sign-in?returnTo=%2Fsettings");
  await expectAccessible(page, "sign-in with other ways");
  await page.getByRole("button", { name: sso }).click();
  await signInAtIssuer(page, "kim@journeys.example");
  await expect(page).toHaveURL("/settings");
  await expect(page.getByRole("main").getByText("kim@journeys.example").first()).toBeVisible();
  await expect(page.getByRole("main").getByText("This is your only way in.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Password" })).toHaveCount(0);
  await page.goto("/integrations");
  await expect(page.getByRole("heading", { level: 1, name: "Integrations" })).toBeVisible();
});

test("whom nothing lets in is told so, and so is whose address is not verified", async ({
  page,
  browser,
}) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: sso }).click();
  await signInAtIssuer(page, "stranger@elsewhere.example");
  await expect(words(page, "You are in no team of this studio yet")).toBeVisible();
  await expect(page.getByRole("main").getByText("auth.not_admitted")).toBeVisible();
  await expectAccessible(page, "sign-in refused");
  await page.goto("/integrations");
  await expect(page).toHaveURL("/sign-in");

  const other = await inNewBrowser(browser);
  const unverified = await other.newPage();
  await unverified.goto("/sign-in");
  await unverified.getByRole("button", { name: sso }).click();
  await signInAtIssuer(unverified, "unverified.kim@journeys.example");
  await expect(words(unverified, "Example SSO has not verified your e-mail address")).toBeVisible();
  await other.close();
});

test("whoever turns back at the provider can start again", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: sso }).click();
  await page.waitForURL(`${issuerUrl}/interaction/**`);
  await page.getByRole("link", { name: "[ Cancel ]" }).click();
  await expect(words(page, "Example SSO did not let you on")).toBeVisible();
  await page.getByRole("button", { name: sso }).click();
  await page.waitForURL(`${issuerUrl}/interaction/**`);
});

/** Allows what the studio asks without going back to it. @returns the callback's address */
async function callbackOf(page: Page, email: string): Promise<string> {
  await page.waitForURL(`${issuerUrl}/interaction/**`);
  await page.getByPlaceholder("Enter any login").fill(email);
  await page.getByPlaceholder("and password").fill("whatever");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).waitFor();
  const { action, fields } = await page.locator("form").evaluate((form: HTMLFormElement) => ({
    action: form.action,
    fields: Object.fromEntries(new FormData(form)) as Record<string, string>,
  }));
  const { request } = page.context();
  let answer = await request.post(action, { form: fields, maxRedirects: 0 });
  for (let hops = 0; hops < 5; hops++) {
    const next = new URL(answer.headers().location ?? "", issuerUrl);
    if (next.origin === studioUrl) return next.href;
    answer = await request.get(next.href, { maxRedirects: 0 });
  }
  throw new Error("the provider led nowhere");
}

test("[OA-3] a callback opened in another browser signs nobody in there, and still counts in its own", async ({
  page,
  browser,
}) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: sso }).click();
  const callback = await callbackOf(page, "attacker@journeys.example");

  const victims = await inNewBrowser(browser);
  const victim = await victims.newPage();
  await victim.goto(callback);
  await expect(victim).toHaveURL("/sign-in?problem=auth.sign_in_expired");
  await expect(words(victim, "This sign-in is over")).toBeVisible();
  await victim.goto("/integrations");
  await expect(victim).toHaveURL("/sign-in");
  await victims.close();

  await page.goto(callback);
  await expect(page).toHaveURL("/integrations");
});

test("[WEB-12] another provider with the same address is linked only by the account's own person", async ({
  page,
  browser,
}) => {
  const email = "maya.lindqvist@northpine.example";
  const first = await inNewBrowser(browser);
  const earlier = await first.newPage();
  await earlier.goto("/sign-in");
  await earlier.getByRole("button", { name: sso }).click();
  await signInAtIssuer(earlier, email);
  await expect(earlier).toHaveURL("/integrations");
  await first.close();

  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Continue with Salesforce" }).click();
  await allowAs(page, "Maya Lindqvist", isAtStudio);
  await expect(page).toHaveURL("/sign-in/link");
  await expect(words(page, "This address already has an account")).toBeVisible();
  await expect(page.getByRole("button", { name: "Continue with Salesforce" })).toHaveCount(0);
  await expectAccessible(page, "sign-in to link");
  await page.goto("/integrations");
  await expect(page, "nobody is signed in by it").toHaveURL("/sign-in");

  await page.goto("/sign-in/link");
  await page.getByRole("button", { name: sso }).click();
  await signInAtIssuer(page, email);
  await expect(page).toHaveURL("/settings/link");
  await expect(words(page, "Link Salesforce to your account?")).toBeVisible();
  await expectAccessible(page, "link a sign-in");
  await page.getByRole("button", { name: "Link Salesforce" }).click();
  await expect(page).toHaveURL("/settings?linked=salesforce");
  await expect(words(page, "Salesforce is linked")).toBeVisible();
  await expect(page.getByRole("button", { name: "Remove Example SSO" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Remove Salesforce" })).toBeVisible();
  await expectAccessible(page, "settings with two ways in");

  const again = await inNewBrowser(browser);
  const later = await again.newPage();
  await later.goto("/sign-in");
  await later.getByRole("button", { name: "Continue with Salesforce" }).click();
  await allowAs(later, "Maya Lindqvist", isAtStudio);
  await expect(later).toHaveURL("/integrations");
  // Signing in connects nothing.
  const grants = await later.evaluate(async () => (await fetch("/api/grants")).json());
  expect(grants.items).toEqual([]);

  await page.getByRole("button", { name: "Remove Salesforce" }).click();
  await expect(page.getByRole("button", { name: "Link Salesforce" })).toBeVisible();
  await later.goto("/settings");
  await expect(later, "sessions of the removed way have ended").toHaveURL(/\/sign-in\?/);
  await again.close();

  // Linked again from here, by the person who is signed in, here and at Salesforce.
  await page.getByRole("button", { name: "Link Salesforce" }).click();
  await expect(page).toHaveURL("/settings?linked=salesforce");
});

test("[OA-9] nothing of a sign-in stays in an address, in the page or in the browser's storage", async ({
  page,
}) => {
  const seen: string[] = [];
  let callback = new URLSearchParams();
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/api/auth/callback/oidc") callback = url.searchParams;
    else if (url.origin === studioUrl) seen.push(url.href, request.headers().referer ?? "");
  });
  await page.goto("/sign-in");
  await page.getByRole("button", { name: sso }).click();
  await signInAtIssuer(page, "lee@journeys.example");
  await expect(page).toHaveURL("/integrations");
  seen.push(await page.content());
  seen.push(
    await page.evaluate(
      () => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }),
    ),
  );
  for (const name of ["code", "state"]) {
    const value = callback.get(name) ?? "";
    expect(value).not.toBe("");
    expect(seen.join("\n")).not.toContain(value);
  }
});

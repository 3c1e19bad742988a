import { reasonCodes } from "#lib/providers/reason-codes.ts";
import { expectAccessible } from "./support/accessibility.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test("an administrator without an account reads the guide, with this studio's addresses in it", async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto("/docs/connect-salesforce");
  await expect(
    page.getByRole("heading", { level: 1, name: "Connect a Salesforce org" }),
  ).toBeVisible();
  await expect(page.getByText(`${studioUrl}/auth/salesforce-callback`)).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await page
    .getByRole("navigation", { name: "Guide" })
    .getByRole("link", { name: "A Marketing Cloud business unit" })
    .click();
  await expect(page).toHaveURL("/docs/connect-marketing-cloud");
  await expect(
    page
      .getByRole("navigation", { name: "Guide" })
      .getByRole("link", { name: "A Marketing Cloud business unit" }),
  ).toHaveAttribute("aria-current", "page");
  await context.close();
});

test("the guide stands in the studio's frame for whoever is signed in", async ({ page }) => {
  await page.goto("/integrations");
  await page
    .getByRole("navigation", { name: "Main", exact: true })
    .getByRole("link", { name: "Guide" })
    .click();
  await expect(
    page.getByRole("heading", { level: 1, name: "The first ten minutes" }),
  ).toBeVisible();
  await page.getByRole("article").getByRole("link", { name: "A Salesforce org" }).click();
  await expect(page).toHaveURL("/docs/connect-salesforce");
  await page
    .getByRole("navigation", { name: "On this page" })
    .getByRole("link", { name: "Three ways" })
    .click();
  await expect(page.getByRole("heading", { name: "Three ways" })).toBeInViewport();
  expect((await page.goto("/docs/no-such-page"))?.status()).toBe(404);
});

test("every reason has a page in the guide, in the studio's words", async ({ page }) => {
  await page.goto("/docs/troubleshooting");
  const links = page.getByRole("article").getByRole("link");
  expect(await links.count()).toBe(reasonCodes.length);
  await links.filter({ hasText: "You are in another business unit" }).click();
  await expect(page).toHaveURL("/docs/troubleshooting/wrong_business_unit");
  await expect(page.getByRole("heading", { name: "What to do" })).toBeVisible();
  await expectAccessible(page, "guide to a reason");
});

test("the guide: WCAG 2.2 AA in both themes, wide and narrow", async ({ page }) => {
  await page.goto("/docs/operating");
  await expect(page.getByRole("article")).toBeVisible();
  await expectAccessible(page, "guide");
});

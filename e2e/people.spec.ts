import type { Browser, Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility.ts";
import {
  call,
  connectDirectly,
  grantOf,
  makeConnection,
  salesforceDemo,
} from "./support/connect.ts";
import { demoLog } from "./support/demo.ts";
import { addPerson, type Person, removePerson, signInAs } from "./support/people.ts";
import { owner, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 120_000 });

const mo: Person = {
  name: "Mo Adeyemi",
  email: "mo@studio.example",
  password: "copper heron beside thin rivers",
};

async function strangersPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    storageState: { cookies: [], origins: [] },
    baseURL: studioUrl,
  });
  return context.newPage();
}

async function inviteByPage(page: Page, email: string): Promise<string> {
  await page.goto("/team");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = page.getByText(/\/invite\/[\w-]{43}$/);
  await expect(link).toBeVisible();
  const text = (await link.textContent()) ?? "";
  await page.getByRole("button", { name: "Done" }).click();
  return new URL(text).pathname;
}

test("[TEN-10] [TEN-11] somebody is invited, joins, connects, is removed: signed out at once, revoked at the provider", async ({
  page,
  browser,
}) => {
  const connectionId = await makeConnection(page, salesforceDemo("Mo's own org"));
  const link = await inviteByPage(page, mo.email);

  const theirs = await strangersPage(browser);
  await theirs.goto(link);
  await expect(theirs.getByRole("heading", { name: `Join ${owner.teamName}` })).toBeVisible();
  await expect(theirs.getByLabel("E-mail")).toHaveValue(mo.email);
  await expectAccessible(theirs, "invitation");
  await theirs.getByLabel("Your name").fill(mo.name);
  await theirs.getByLabel("Password").fill("too short");
  await theirs.getByRole("button", { name: "Make my account and join" }).click();
  await expect(theirs.getByText(/at least 15 characters;/)).toBeVisible();
  await theirs.getByLabel("Password").fill(mo.password);
  await theirs.getByRole("button", { name: "Make my account and join" }).click();
  await expect(theirs).toHaveURL("/integrations");
  await connectDirectly(theirs, connectionId, "Maya Lindqvist");
  expect((await grantOf(theirs, connectionId))?.state).toBe("active");

  const again = await strangersPage(browser);
  await again.goto(link);
  await expect(again.getByRole("heading", { name: "This invitation was used" })).toBeVisible();
  await again.context().close();

  await page.goto("/team");
  const row = page.getByRole("row").filter({ hasText: mo.email });
  await expect(row).toContainText("1 connection");
  await expectAccessible(page, "team");
  await row.getByRole("link", { name: mo.name }).click();
  await expect(page.getByRole("link", { name: "Mo's own org" })).toBeVisible();
  await expectAccessible(page, "member");

  await page.getByRole("button", { name: `Remove ${mo.name}` }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("They are signed out at once, from 1 session.");
  await expect(dialog).toContainText("Their access through 1 connection ends");
  const before = (await demoLog()).filter(({ path }) => path.includes("/oauth2/revoke")).length;
  await dialog.getByRole("button", { name: `Remove ${mo.name}` }).click();
  await expect(dialog).toHaveCount(0);

  expect((await call(theirs, "GET", "/api/grants")).status).toBe(401);
  await theirs.goto("/integrations");
  await expect(theirs).toHaveURL("/sign-in");
  await expect(page).toHaveURL("/team");
  await expect(page.getByRole("row").filter({ hasText: mo.email })).toHaveCount(0);
  await expect
    .poll(
      async () => (await demoLog()).filter(({ path }) => path.includes("/oauth2/revoke")).length,
      { timeout: 30_000 },
    )
    .toBeGreaterThan(before);
  await theirs.context().close();
  await call(page, "DELETE", `/api/connections/${connectionId}`);
  await removePerson(mo);
});

test("[WEB-3] an open page of the team before changes nothing in the team that one switched to", async ({
  browser,
}) => {
  const ren: Person = { ...mo, name: "Ren Castellan", email: "ren@studio.example" };
  await addPerson(ren);
  const page = await strangersPage(browser);
  await signInAs(page, ren, "/settings");
  await expectAccessible(page, "settings with teams");
  const old = await page.context().newPage();
  await old.goto("/settings");
  const team = await old.locator("[data-team]").getAttribute("data-team");

  await page.getByRole("textbox", { name: "Another team" }).fill("Ren's own");
  await page.getByRole("button", { name: "Make a team" }).click();
  await expect(page).toHaveURL("/integrations");
  await expect(page.getByRole("button", { name: /^Ren's own\b/ })).toBeVisible();
  await expect(old, "other windows leave the team before").toHaveURL("/integrations");
  await expect(old.getByRole("button", { name: /^Ren's own\b/ })).toBeVisible();

  const late = await old.evaluate(async (madeFor) => {
    const answer = await fetch("/api/connections", { headers: { "x-page-team": madeFor ?? "" } });
    return { status: answer.status, code: (await answer.json()).code };
  }, team);
  expect(late).toEqual({ status: 409, code: "team.switched" });

  await page.getByRole("button", { name: /^Ren's own\b/ }).click();
  await page.getByRole("menuitem", { name: owner.teamName }).click();
  await expect(
    page.getByRole("button", { name: new RegExp(`^${owner.teamName}\\b`) }),
  ).toBeVisible();
  await page.context().close();
  await removePerson(ren);
});

test("an invitation opened by somebody else says whose it is, and lets them sign out", async ({
  page,
  browser,
}) => {
  const link = await inviteByPage(page, "vera@studio.example");
  const ida: Person = { ...mo, name: "Ida Brandvold", email: "ida@studio.example" };
  await addPerson(ida);
  const hers = await strangersPage(browser);
  await signInAs(hers, ida);
  await hers.goto(link);
  await expect(hers.getByText("This invitation is for vera@studio.example alone")).toBeVisible();
  await hers.getByRole("button", { name: "Sign out" }).click();
  await expect(hers.getByRole("button", { name: "Make my account and join" })).toBeVisible();

  await page
    .getByRole("button", { name: "Withdraw the invitation of vera@studio.example" })
    .click();
  await expect(page.getByText("Nobody is invited just now.")).toBeVisible();
  await hers.goto(link);
  await expect(hers.getByRole("heading", { name: "This invitation was withdrawn" })).toBeVisible();
  await hers.goto("/invite/not-a-link");
  await expect(hers.getByRole("heading", { name: "This link leads nowhere" })).toBeVisible();
  await hers.context().close();
  await removePerson(ida);
});

test("a member sees the team, not how to change it; an admin makes them one, and they sign in anew", async ({
  page,
  browser,
}) => {
  const lin: Person = { ...mo, name: "Lin Okonjo", email: "lin@studio.example" };
  await addPerson(lin);
  const theirs = await strangersPage(browser);
  await signInAs(theirs, lin, "/team");
  await expect(theirs.getByRole("row").filter({ hasText: owner.email })).toBeVisible();
  await expect(theirs.getByRole("button", { name: "Invite", exact: true })).toHaveCount(0);
  await expect(theirs.getByRole("combobox")).toHaveCount(0);
  await expectAccessible(theirs, "team as a member");

  await page.goto("/team");
  await page.getByLabel(`Role of ${lin.name}`).selectOption("admin");
  await page.getByRole("alertdialog").getByRole("button", { name: "Change role" }).click();
  await expect(page.getByLabel(`Role of ${lin.name}`)).toHaveValue("admin");
  await theirs.goto("/team");
  await expect(theirs).toHaveURL("/sign-in?returnTo=%2Fteam");
  await signInAs(theirs, lin, "/team");
  await expect(theirs.getByText("Looking after people asks for a second factor.")).toBeVisible();
  await theirs.context().close();
  await removePerson(lin);
});

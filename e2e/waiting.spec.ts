import { rookhope } from "#lib/simulator/salesforce/rookhope.ts";
import {
  allowAs,
  beginOn,
  call,
  flowIdOf,
  grantOf,
  isAtStudio,
  makeConnection,
  salesforceDemo,
} from "./support/connect.ts";
import { expireFlow, withDatabase } from "./support/database.ts";
import { demoLog, freshApp } from "./support/demo.ts";
import { signInAs } from "./support/people.ts";
import { passOwnersSecondStep } from "./support/second-factor.ts";
import { owner, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

const tokenRequests = async (redirectsWith: string) =>
  (await demoLog()).filter(
    ({ path, body }) => path === "/services/oauth2/token" && body.includes(redirectsWith),
  );

test("a held-back window is said, and a link opens the provider instead", async ({ page }) => {
  const name = "Window held back";
  const id = await makeConnection(page, salesforceDemo(name));
  await page.addInitScript(() => {
    globalThis.open = () => null;
  });
  await page.goto(`/integrations/${id}`);
  await page.getByRole("button", { name: `Connect ${name}` }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "The browser held the window back" }),
  ).toBeVisible();
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: /^Open Salesforce/ }).click();
  const window = await opened;
  await allowAs(window, "Maya Lindqvist");
  await expect(page.getByRole("heading", { level: 1, name: /^Connected as / })).toBeVisible();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("the window can be opened again and the link copied; a reload starts afresh", async ({
  page,
  context,
}) => {
  const name = "Opened again";
  const id = await makeConnection(page, salesforceDemo(name));
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { window, flowId } = await beginOn(page, id, name);
  const { expiresAt } = (await call<{ expiresAt: string }>(page, "GET", `/api/flows/${flowId}`))
    .body;
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
  await expect(page.getByRole("timer")).toHaveText(/^(10:00|9:\d\d) left$/);
  await window.waitForURL(/oauth2\/authorize/);
  const authorizeUrl = window.url();
  await window.close();
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(authorizeUrl);
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Reopen window" }).click();
  const again = await opened;
  await again.waitForURL(authorizeUrl);
  await again.close();

  // The address lived in the page's memory only (OA-9).
  await page.reload();
  await expect(
    page.getByRole("heading", { level: 1, name: "This sign-in was begun before" }),
  ).toBeVisible();
  const fresh = context.waitForEvent("page");
  await page.getByRole("button", { name: "Start again" }).click();
  await allowAs(await fresh, "Maya Lindqvist");
  await expect(page.getByRole("heading", { level: 1, name: /^Connected as / })).toBeVisible();
  expect(await flowIdOf(page)).not.toBe(flowId);
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("a sign-in that ran out of time says so, and coming back late connects nothing", async ({
  page,
}) => {
  const name = "Out of time";
  const id = await makeConnection(page, salesforceDemo(name));
  const { window, flowId } = await beginOn(page, id, name);
  await window.waitForURL(/oauth2\/authorize/);
  await expireFlow(flowId);
  await expect(
    page.getByRole("heading", { level: 1, name: "This sign-in ran out of time" }),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeEnabled();
  await allowAs(window, "Maya Lindqvist");
  await expect(
    window.getByRole("heading", { level: 1, name: "This sign-in ran out of time" }),
  ).toBeVisible();
  expect(await grantOf(page, id)).toBeUndefined();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("Escape asks before it cancels; the open window can then connect nothing", async ({
  page,
}) => {
  const name = "Cancelled";
  const id = await makeConnection(page, salesforceDemo(name));
  const { window } = await beginOn(page, id, name);
  await window.waitForURL(/oauth2\/authorize/);
  await page.bringToFront();
  await page.keyboard.press("Escape");
  const asked = page.getByRole("alertdialog", { name: "Cancel this sign-in?" });
  await asked.getByRole("button", { name: "Keep waiting" }).click();
  await expect(asked).toBeHidden();
  await expect(page.getByRole("timer")).toBeVisible();
  await page.keyboard.press("Escape");
  await asked.getByRole("button", { name: "Cancel sign-in" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "You cancelled this sign-in" }),
  ).toBeVisible();
  await allowAs(window, "Maya Lindqvist");
  await expect(
    window.getByRole("heading", { level: 1, name: "You cancelled this sign-in" }),
  ).toBeVisible();
  expect(await grantOf(page, id)).toBeUndefined();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("[OA-3] a forwarded link ends nowhere but where it was begun, and uses nothing up", async ({
  page,
  browser,
}) => {
  const name = "Forwarded";
  const id = await makeConnection(page, salesforceDemo(name));
  const { window, flowId } = await beginOn(page, id, name);
  await window.waitForURL(/oauth2\/authorize/);
  const authorizeUrl = window.url();
  const stateOf = (url: string) => new URL(url).searchParams.get("state") as string;
  const codes: string[] = [];

  const visit = async (isSignedIn: boolean) => {
    const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
    const there = await context.newPage();
    there.on("request", (request) => {
      const code = new URL(request.url()).searchParams.get("code");
      if (request.url().startsWith(studioUrl) && code) codes.push(code);
    });
    if (isSignedIn) {
      await signInAs(there, owner);
      await passOwnersSecondStep(there, "forwarded link");
    }
    await there.goto(authorizeUrl);
    await allowAs(there, "Theo Brandt", isAtStudio);
    return { context, there };
  };

  const other = await visit(true);
  await expect(
    other.there.getByRole("heading", { level: 1, name: "This sign-in was begun elsewhere" }),
  ).toBeVisible();
  await expect(other.there).toHaveURL(`${studioUrl}/integrations/problem?reason=flow_not_yours`);
  await other.context.close();

  const stranger = await visit(false);
  await expect(stranger.there.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(stranger.there.url()).not.toContain(stateOf(authorizeUrl));
  await stranger.context.close();

  expect(codes).toHaveLength(2);
  for (const code of codes) {
    expect(await tokenRequests(encodeURIComponent(code)), "no provider was asked").toEqual([]);
  }
  // Nothing was used up: where it was begun, it still ends well.
  await expect(page.getByRole("timer")).toBeVisible();
  await allowAs(window, "Maya Lindqvist");
  await expect(page.getByRole("heading", { level: 1, name: /^Connected as maya/ })).toBeVisible();
  expect(await flowIdOf(page)).toBe(flowId);
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("after a while the page that waits asks what the other window says, and takes the answer", async ({
  page,
}) => {
  const name = "Kept over there";
  const id = await makeConnection(
    page,
    salesforceDemo(name, { method: "custom-app", clientId: rookhope.apps.otherCallback }),
  );
  await page.clock.install();
  const { window, flowId } = await beginOn(page, id, name);
  await expect(window.getByText("error=redirect_uri_mismatch")).toBeVisible();
  const question = page.getByRole("heading", { name: "Does it say “redirect_uri must match”?" });
  await expect(question).toBeHidden();
  await page.clock.fastForward("00:26");
  await expect(question).toBeVisible();
  await page.getByRole("button", { name: "redirect_uri must match" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "The address to come back to is not registered" }),
  ).toBeVisible();
  const { body } = await call(page, "GET", `/api/flows/${flowId}`);
  expect(body).toMatchObject({ state: "failed", reason: "redirect_uri_mismatch" });
  await window.close();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("an app made minutes ago counts down from the flow's end, over a reload, until Try again is due", async ({
  page,
}) => {
  const name = "Fresh app";
  const clientId = await freshApp(rookhope.apps.sound);
  const id = await makeConnection(page, salesforceDemo(name, { method: "custom-app", clientId }));
  await page.clock.install();
  const { window, flowId } = await beginOn(page, id, name);
  await expect(window.getByText("error=invalid_client_id")).toBeVisible();
  await window.close();
  await page.clock.fastForward("00:26");
  await page.getByRole("button", { name: "client identifier invalid" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "Salesforce does not know this app" }),
  ).toBeVisible();
  const main = page.getByRole("main");
  await expect(main.getByText("Usually ready in")).toBeVisible();
  await expect(main.getByRole("timer")).toHaveText(/^(2:00|1:\d\d)$/);
  await expect(main.getByRole("button", { name: "Try anyway" })).toBeEnabled();
  await page.clock.fastForward("02:05");
  await expect(main.getByText("May be ready now, at the latest in")).toBeVisible();
  await expect(main.getByRole("timer")).toHaveText(/^7:\d\d$/);
  await expect(main.getByRole("button", { name: "Try again" })).toBeEnabled();
  await expect(main.getByRole("button", { name: "Try anyway" })).toHaveCount(0);
  await page.clock.fastForward("08:00");
  await expect(main.getByText("Should be ready now")).toBeVisible();
  // What counts is when the flow ended, by the studio's clock, not when somebody looked.
  await withDatabase((client) =>
    client.query("update flows set ended_at = ended_at - interval '60 seconds' where id = $1", [
      flowId,
    ]),
  );
  await page.reload();
  await expect(main.getByText("Usually ready in")).toBeVisible();
  await expect(main.getByRole("timer")).toHaveText(/^(1:00|0:\d\d)$/);
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("a callback that belongs to no sign-in explains itself and shows nothing of what it carried", async ({
  page,
}) => {
  for (const path of ["/auth/salesforce-callback", "/auth/sfmc-callback"]) {
    for (const query of ["", "?code=made-up-code&state=made-up-state", "?error=<b>made-up</b>"]) {
      await page.goto(`${path}${query}`);
      await expect(page).toHaveURL("/integrations/problem?reason=flow_unknown");
      await expect(
        page.getByRole("heading", { level: 1, name: "No sign-in belongs to this address" }),
      ).toBeVisible();
      expect(await page.content()).not.toContain("made-up");
    }
  }
});

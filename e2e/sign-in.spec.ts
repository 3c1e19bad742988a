import { colleague, signInAs } from "./support/people.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

// A browser of its own: nobody else's session is ended here.
test.use({ storageState: { cookies: [], origins: [] } });

const refusal = "E-mail and password do not match. Check both, then try again.";

test("a person signs out, is shown out everywhere, and signs in again", async ({ page }) => {
  await page.goto("/settings");
  await expect(page, "the way back is kept").toHaveURL("/sign-in?returnTo=%2Fsettings");
  await page.getByLabel("E-mail").fill(colleague.email.toUpperCase());
  await page.getByLabel("Password").fill(colleague.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/settings");

  const [session] = (await page.context().cookies(studioUrl)).filter(
    ({ name }) => name === "__Host-studio-session",
  );
  await page.getByRole("button", { name: /, account$/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  await page.goBack();
  await expect(page, "going back shows nothing of before").toHaveURL(
    "/sign-in?returnTo=%2Fsettings",
  );
  await page.goto("/integrations");
  await expect(page).toHaveURL("/sign-in");

  // The cookie as it was opens nothing any more: the session has ended on the server.
  if (session) await page.context().addCookies([session]);
  await page.goto("/integrations");
  await expect(page).toHaveURL("/sign-in");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a wrong password and an unknown person get the same words", async ({ page }) => {
  for (const email of [colleague.email, "nobody@studio.example"]) {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill("not the password of anybody");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("main").getByText(refusal)).toBeVisible();
    await expect(page.getByLabel("Password")).toBeFocused();
    await expect(page.getByLabel("E-mail")).toHaveValue(email);
  }
});

test("[OA-10] after signing in nobody is sent to another site", async ({ page }) => {
  await page.goto(`/sign-in?returnTo=${encodeURIComponent("//evil.example/integrations")}`);
  await page.getByLabel("E-mail").fill(colleague.email);
  await page.getByLabel("Password").fill(colleague.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/integrations");
});

test("one's sessions are listed, and another one can be ended", async ({ page, browser }) => {
  const other = await browser.newContext({
    storageState: { cookies: [], origins: [] },
    userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  });
  const elsewhere = await other.newPage();
  for (const at of [elsewhere, page]) {
    await signInAs(at, colleague, "/settings");
    await expect(at).toHaveURL(`${studioUrl}/settings`);
  }
  const line = page.getByRole("listitem").filter({ hasText: "Firefox on Windows" });
  await expect(page.getByRole("listitem").filter({ hasText: "This one" })).toHaveCount(1);
  await line.getByRole("button", { name: "End" }).click();
  await expect(line).toHaveCount(0);
  await elsewhere.goto(`${studioUrl}/integrations`);
  await expect(elsewhere).toHaveURL(`${studioUrl}/sign-in`);
  await other.close();
});

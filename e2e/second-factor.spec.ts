import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility.ts";
import { call, connectDirectly, makeConnection, salesforceDemo } from "./support/connect.ts";
import { addPerson, ageSession, type Person, removePerson, signInAs } from "./support/people.ts";
import { raw } from "./support/raw.ts";
import { jsonRoutes, methodsOf, pagesBehindSignIn, routesOfBuild } from "./support/routes.ts";
import { addApp, codeOf } from "./support/second-factor.ts";
import { ownerCookie, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 120_000 });
test.use({ storageState: { cookies: [], origins: [] } });

const password = "amber ladder under twelve comets";
const people: Person[] = [];

async function givenPerson(name: string, role: "admin" | "member"): Promise<Person> {
  const person = {
    name,
    email: `${name.replaceAll(" ", ".").toLowerCase()}@studio.example`,
    password,
  };
  people.push(person);
  await addPerson(person, role);
  return person;
}

test.afterAll(async () => {
  for (const person of people) await removePerson(person);
});

const sessionCookie = async (page: Page) =>
  (await page.context().cookies(studioUrl)).find(({ name }) => name === "__Host-studio-session")
    ?.value ?? "";

async function signOut(page: Page): Promise<void> {
  await page.goto("/settings");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
}

test("[WEB-11] a person sets up an app, and from then on the password alone leads to the second step only", async ({
  page,
}) => {
  const person = await givenPerson("Ilse Brand", "member");
  await signInAs(page, person, "/settings");
  const section = page.locator("#second-factor");
  await section.getByRole("button", { name: "Add authenticator app" }).click();
  const dialog = page.getByRole("dialog", { name: "Add an authenticator app" });
  await expect(dialog.getByRole("img", { name: "QR code of the key" })).toBeVisible();
  await expectAccessible(page, "second factor app");
  const secret = (await dialog.locator("code").innerText()).replaceAll(/\s/g, "");

  await dialog.getByLabel("Code from the app").fill("000000");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await expect(dialog.getByText("This code does not fit")).toBeVisible();
  await dialog.getByLabel("Code from the app").fill(codeOf(secret));
  await dialog.getByRole("button", { name: "Confirm" }).click();
  const codesDialog = page.getByRole("dialog", { name: "Your recovery codes" });
  await expect(codesDialog.getByRole("listitem")).toHaveCount(10);
  const [recoveryCode = "", another = ""] = await codesDialog.getByRole("listitem").allInnerTexts();
  await expectAccessible(page, "recovery codes");
  await page.keyboard.press("Escape");
  await codesDialog.getByRole("button", { name: "I have kept them" }).click();
  await expect(section.getByText("10 of 10")).toBeVisible();
  await expect(section.getByText("Authenticator app", { exact: true })).toBeVisible();
  await expectAccessible(page, "settings with a second factor");

  await signOut(page);
  await signInAs(page, person, "/settings");
  await expect(page).toHaveURL("/sign-in/second-step?returnTo=%2Fsettings");
  const atStep = await sessionCookie(page);
  await expect(page.getByLabel("Code")).toBeFocused();
  await expectAccessible(page, "second step");
  await page.goto("/integrations");
  await expect(page, "nowhere else").toHaveURL("/sign-in/second-step");
  await page.goto("/sign-in/second-step?returnTo=%2Fsettings");
  await page.getByLabel("Code").fill("000 000");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByText("This code does not fit")).toBeVisible();
  await expectAccessible(page, "second step refused");
  await page.getByLabel("Code").fill(codeOf(secret, 1));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/settings");
  expect(await sessionCookie(page), "[WEB-3] another session").not.toBe(atStep);

  await signOut(page);
  await signInAs(page, person);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await expect(page.getByLabel("Recovery code")).toBeFocused();
  await page.getByLabel("Recovery code").fill(recoveryCode.toLowerCase());
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL("/integrations");
  await page.goto("/settings");
  await expect(page.locator("#second-factor").getByText("9 of 10")).toBeVisible();

  // A member may do without; the code was given just now, so it is not asked for again.
  await page.getByRole("button", { name: "Remove Authenticator app" }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: "Remove Authenticator app" })
    .click();
  await expect(page.locator("#second-factor").getByText("somebody else got to know")).toBeVisible();
  await signOut(page);
  await signInAs(page, person);
  await expect(page).toHaveURL("/integrations");
  expect(another).not.toBe(recoveryCode);
});

test("[WEB-11] a passkey is made in the browser and passes the second step", async ({ page }) => {
  const person = await givenPerson("Pia Keller", "member");
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await signInAs(page, person, "/settings");
  // An open browser of a while ago: the password is asked for before a first factor is added.
  await ageSession(person);
  await page.getByRole("button", { name: "Add passkey" }).click();
  const confirm = page.getByRole("dialog", { name: "Confirm that it is you" });
  await confirm.getByLabel("Password").fill(person.password);
  await confirm.getByRole("button", { name: "Confirm" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a passkey" });
  await dialog.getByLabel("Name").fill("Laptop");
  await expectAccessible(page, "second factor passkey");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.locator("#second-factor").getByText("Laptop")).toBeVisible();

  await signOut(page);
  await signInAs(page, person, "/settings");
  await expect(page).toHaveURL("/sign-in/second-step?returnTo=%2Fsettings");
  await expectAccessible(page, "second step by passkey");
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await expect(page).toHaveURL("/settings");
});

test("[WEB-11] the first minutes need none, others' connections do: the refusal leads to setting it up", async ({
  page,
  browser,
}) => {
  const owners = await browser.newContext({
    storageState: ".cache/e2e/owner.json",
    baseURL: studioUrl,
  });
  const ownersPage = await owners.newPage();
  const name = "A teammate's org";
  const id = await makeConnection(ownersPage, salesforceDemo(name));
  const admin = await givenPerson("Ada Quist", "admin");
  await signInAs(page, admin);
  const own = await makeConnection(page, salesforceDemo("Ada's own org"));
  await connectDirectly(page, own, "Theo Brandt");
  expect((await call(page, "DELETE", `/api/connections/${own}`)).status).toBe(200);

  const rename = async (to: string) => {
    await page.goto(`/integrations/${id}`);
    await page.getByRole("button", { name: "Rename" }).click();
    const dialog = page.getByRole("dialog", { name: "Rename" });
    await dialog.getByLabel("Connection name").fill(to);
    await dialog.getByRole("button", { name: "Rename" }).click();
  };
  await rename("Renamed without");
  const asked = page.getByRole("dialog", { name: "This needs your second factor" });
  await expect(asked).toBeVisible();
  await expectAccessible(page, "refused for want of a second factor");
  await asked.getByRole("link", { name: "Set one up" }).click();
  await expect(page).toHaveURL("/settings#second-factor");
  await expect(page.getByText("Your role looks after others.")).toBeVisible();

  await addApp(page);
  await rename("Renamed with");
  await expect(page.getByRole("heading", { level: 1, name: "Renamed with" })).toBeVisible();
  await call(ownersPage, "DELETE", `/api/connections/${id}`);
  await owners.close();
});

test("[WEB-11] whoever stands at the second step is nobody on every page and route of the build", async ({
  page,
}) => {
  const person = await givenPerson("Hal Fuller", "admin");
  await signInAs(page, person);
  const connectionId = await makeConnection(page, salesforceDemo("Seen by whole sessions only"));
  const { secret } = await addApp(page);
  const whole = await sessionCookie(page);
  await signOut(page);
  await signInAs(page, person);
  const cookie = `__Host-studio-session=${await sessionCookie(page)}`;
  const absent = "00000000-0000-4000-8000-000000000000";
  const ids = new Proxy({ connectionId } as Record<string, string>, {
    get: (known, key) => known[String(key)] ?? absent,
  });
  const routes = routesOfBuild(ids as Parameters<typeof routesOfBuild>[0]);
  const markers = [person.email, person.name, "Seen by whole sessions only"];

  for (const { path } of pagesBehindSignIn(routes)) {
    const { status, headers, body } = await raw(path, { headers: { cookie } });
    if (status === 200)
      expect(
        markers.filter((marker) => body.includes(marker)),
        path,
      ).toEqual([]);
    else expect(String(headers.location), `${status} ${path}`).toMatch(/second-step|integrations$/);
  }
  let tried = 0;
  for (const { path, pattern } of jsonRoutes(routes)) {
    if (/^\/api\/(auth\/|setup$|second-factor\/step\/)/.test(pattern)) continue;
    for (const method of await methodsOf(path)) {
      if (method === "OPTIONS" || method === "HEAD") continue;
      const answer = await raw(path, {
        method,
        headers: { cookie, origin: studioUrl, "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
      tried++;
      const stranger = await raw(path, {
        method,
        headers: { origin: studioUrl, "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
      expect(answer.status, `${method} ${path}: as a stranger`).toBe(stranger.status);
      expect(
        markers.filter((marker) => answer.body.includes(marker)),
        path,
      ).toEqual([]);
    }
  }
  expect(tried).toBeGreaterThan(25);
  const session = await raw("/api/auth/session", { headers: { cookie } });
  expect(JSON.parse(session.body)).toEqual({});
  const ended = await raw("/api/sessions", {
    headers: { cookie: `__Host-studio-session=${whole}` },
  });
  expect(ended.status, "signed out before").toBe(401);

  await page.getByLabel("Code").fill(codeOf(secret, 1));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/integrations");
  expect((await call(page, "DELETE", `/api/connections/${connectionId}`)).status).toBe(200);
});

test("[WEB-2] too many wrong codes are slowed, with a countdown; leaving ends the half session", async ({
  page,
}) => {
  const person = await givenPerson("Wim Otto", "member");
  await signInAs(page, person);
  await addApp(page);
  // A network that passed the step has a counter of its own; all of these tests come from one.
  await signOut(page);
  await signInAs(page, person);
  for (let n = 0; n < 6; n++) {
    await page.getByLabel("Code").fill(`00000${n}`);
    const answered = page.waitForResponse("**/api/second-factor/step/code");
    await page.getByRole("button", { name: "Continue" }).click();
    await answered;
    await expect(page.getByRole("button", { name: "Checking" })).toHaveCount(0);
  }
  await expect(page.getByRole("timer")).toBeVisible();
  await expect(page.getByRole("button", { name: "Continue" })).toBeDisabled();
  await expectAccessible(page, "second step throttled");
  const cookie = `__Host-studio-session=${await sessionCookie(page)}`;
  await page.getByRole("button", { name: "Sign in as somebody else" }).click();
  await expect(page).toHaveURL("/sign-in");
  const late = await raw("/api/second-factor/step/code", {
    method: "POST",
    headers: { cookie, origin: studioUrl, "content-type": "application/json" },
    body: JSON.stringify({ code: "000000" }),
  });
  expect(late.status).toBe(401);
  expect((await raw("/api/sessions", { headers: { cookie: ownerCookie() } })).status).toBe(200);
});

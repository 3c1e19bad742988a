import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, type Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { call } from "./connect.ts";
import { dataDir } from "./studio.ts";

type App = { secret: string; recoveryCodes: string[] };

const ownerFile = path.join(dataDir, "..", "owner-second-factor.json");
const STEP_SECONDS = 30;

/** A step's code counts once: the next sign-in of the same half minute takes the step after. */
export const codeOf = (secret: string, stepsAhead = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({
    timestamp: Date.now() + stepsAhead * STEP_SECONDS * 1_000,
  });

/** Sets up an app for whoever is signed in on this page; the page goes on in a new session. */
export async function addApp(page: Page): Promise<App> {
  const begun = await call<{ factorId: string; secret: string }>(
    page,
    "POST",
    "/api/second-factor/totp",
  );
  const { factorId, secret } = begun.body;
  const added = await call<{ recoveryCodes: string[] }>(
    page,
    "POST",
    `/api/second-factor/totp/${factorId}/confirm`,
    { name: "Authenticator app", code: codeOf(secret) },
  );
  expect(added.status, JSON.stringify(added.body)).toBe(200);
  return { secret, recoveryCodes: added.body.recoveryCodes };
}

/** The first owner's browser has given a second factor, as those who look after others do. */
export async function addOwnersApp(page: Page): Promise<void> {
  writeFileSync(ownerFile, JSON.stringify(await addApp(page)));
}

export const ownersApp = () => JSON.parse(readFileSync(ownerFile, "utf8")) as App;

/** Tests that sign the first owner in once more: each has a recovery code of its own. */
const uses = ["forwarded link"] as const;

/** The first owner's second step, after the password. */
export async function passOwnersSecondStep(page: Page, use: (typeof uses)[number]): Promise<void> {
  const { recoveryCodes } = ownersApp();
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(recoveryCodes[uses.indexOf(use)] as string);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in/second-step");
}

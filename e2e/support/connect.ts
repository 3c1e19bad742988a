import { expect, type Page } from "@playwright/test";
import { raw } from "./raw.ts";
import { ownerCookie, studioUrl } from "./studio.ts";

type Json = Record<string, unknown>;

/** Calls the studio's own JSON as its pages do. The page must stand on the studio. */
export async function call<T = Json>(
  page: Page,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  return page.evaluate(
    async ([verb, address, text]) => {
      const answer = await fetch(address, {
        method: verb,
        ...(text === null ? {} : { headers: { "content-type": "application/json" }, body: text }),
      });
      const answered = await answer.text();
      return { status: answer.status, body: answered === "" ? null : JSON.parse(answered) };
    },
    [method, path, body === undefined ? null : JSON.stringify(body)] as const,
  ) as Promise<{ status: number; body: T }>;
}

const salesforceScopes = ["api", "refresh_token", "offline_access"];
const tenant = "mcn0rthp1ne7demo4w2k9t6y3x1q";

export const demoMarketingCloud = {
  subdomain: tenant,
  clientId: "n0rthp1ne0demopub1ic0app",
  mids: { parent: 100000001, stores: 100000014, loyalty: 100000027, wholesale: 100000039 },
} as const;

export const salesforceDemo = (name: string, more: Json = {}): Json => ({
  provider: "salesforce",
  method: "quick",
  name,
  environment: "demo",
  scopes: salesforceScopes,
  ...more,
});

export const marketingCloudDemo = (name: string, more: Json = {}): Json => ({
  provider: "marketing-cloud",
  name,
  environment: "demo",
  clientId: demoMarketingCloud.clientId,
  authBaseUri: tenant,
  scopes: ["offline", "accounts_read", "data_extensions_read"],
  ...more,
});

/** Makes a connection of this test's own. */
export async function makeConnection(page: Page, definition: Json): Promise<string> {
  if (!page.url().startsWith(studioUrl)) await page.goto("/settings");
  const { status, body } = await call<{ id: string }>(page, "POST", "/api/connections", definition);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

/** Takes connections of a file's own away again, as the first owner, whoever's they were. */
export async function removeConnections(ids: readonly string[]): Promise<void> {
  const headers = { cookie: ownerCookie(), origin: studioUrl };
  for (const id of ids) await raw(`/api/connections/${id}`, { method: "DELETE", headers });
}

/** Presses a button that opens the provider, and gives the window it opened. */
export async function pressConnect(page: Page, button: string): Promise<Page> {
  const opened = page.context().waitForEvent("page");
  await page.getByRole("button", { name: button, exact: true }).click();
  return opened;
}

/** At the studio again, on a page that says how it went. */
export const isBack = (url: URL) =>
  url.origin === studioUrl && url.pathname.startsWith("/integrations/");
/** At the studio again, on whatever page: the sign-in, for whoever has no session there. */
export const isAtStudio = (url: URL) => url.origin === studioUrl;

/**
 * Chooses a demo person on the provider's page and allows what the app asks, where it asks.
 *
 * @param isOver - where the provider leads at last, with a question before or without
 */
export async function allowAs(window: Page, person: string, isOver = isBack): Promise<void> {
  await window.getByRole("button", { name: `Continue as ${person}` }).click();
  const allow = window.getByRole("button", { name: "Allow" });
  const isAsked = await Promise.race([
    allow.waitFor().then(() => true),
    window.waitForURL(isOver, { waitUntil: "commit" }).then(() => false),
  ]);
  if (isAsked) await allow.click();
}

/** The flow's id of a page that waits for it. */
export async function flowIdOf(page: Page): Promise<string> {
  await page.waitForURL(/\/integrations\/flows\//);
  return new URL(page.url()).pathname.split("/").at(-1) as string;
}

export const waitingHeading = "Finish signing in over there";

/** Opens a connection's page and presses Connect there. */
export async function beginOn(
  page: Page,
  connectionId: string,
  name: string,
): Promise<{ window: Page; flowId: string }> {
  await page.goto(`/integrations/${connectionId}`);
  const window = await pressConnect(page, `Connect ${name}`);
  const flowId = await flowIdOf(page);
  await expect(page.getByRole("heading", { level: 1, name: waitingHeading })).toBeVisible();
  return { window, flowId };
}

/** A whole sign-in, in this page's own window: for tests that need its result only. */
export async function connectDirectly(
  page: Page,
  connectionId: string,
  person: string,
): Promise<void> {
  if (!page.url().startsWith(studioUrl)) await page.goto("/settings");
  const { status, body } = await call<{ authorizeUrl: string; flowId: string }>(
    page,
    "POST",
    `/api/connections/${connectionId}/flows`,
    {},
  );
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  await page.goto(body.authorizeUrl);
  if (page.url().startsWith(studioUrl)) return;
  await allowAs(page, person);
  await page.waitForURL(`**/integrations/flows/${body.flowId}`);
}

type Grant = { id: string; connectionId: string; state: string };

export async function grantOf(page: Page, connectionId: string): Promise<Grant | undefined> {
  const { body } = await call<{ items: Grant[] }>(page, "GET", "/api/grants?limit=200");
  return body.items.find((grant) => grant.connectionId === connectionId);
}

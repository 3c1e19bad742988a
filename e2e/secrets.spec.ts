import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { BrowserContext, Page, Response } from "@playwright/test";
import {
  allowAs,
  beginOn,
  call,
  demoMarketingCloud,
  grantOf,
  makeConnection,
  marketingCloudDemo,
  salesforceDemo,
} from "./support/connect.ts";
import { dumpDatabase } from "./support/database.ts";
import { demoLog } from "./support/demo.ts";
import { colleague } from "./support/people.ts";
import { ownersApp } from "./support/second-factor.ts";
import { dataDir, owner, studioLog, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

// A sign-in of its own, so that the person's password is among what must not be found.
test.use({ storageState: { cookies: [], origins: [] } });
test.describe.configure({ timeout: 120_000 });

const shortest = 20;
const callbackUrl = new RegExp(`^${studioUrl}/auth/(salesforce|sfmc)-callback\\?`);

/** What the demo's servers gave out and were sent: tokens, codes and verifiers, by their kind. */
async function canaries(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const note = (kind: string, value: unknown) => {
    if (typeof value === "string" && value.length >= shortest) found.set(value, kind);
  };
  const walk = (value: unknown, kind?: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "code" || key === "refreshToken") note(key, inner);
      if (key === "token") note(kind === "refresh" ? "refreshToken" : "accessToken", inner);
      walk(inner, (inner as { kind?: unknown } | null)?.kind);
    }
  };
  walk(JSON.parse(readFileSync(path.join(dataDir, "demo-state.json"), "utf8")));
  for (const { body, rawHeaders, path: address } of await demoLog()) {
    const fields = body.startsWith("{")
      ? Object.entries(JSON.parse(body) as Record<string, unknown>)
      : [...new URLSearchParams(body)];
    if (!/token|revoke/i.test(address)) continue;
    for (const [name, value] of fields) {
      if (name === "code") note("code", value);
      if (name === "code_verifier") note("code_verifier", value);
      if (name === "refresh_token" || name === "token") note("refreshToken", value);
    }
    note("accessToken", rawHeaders.find((text) => text.startsWith("Bearer "))?.slice(7));
  }
  for (const { password } of [owner, colleague]) found.set(password, "password");
  const { secret, recoveryCodes } = ownersApp();
  found.set(secret, "totpSecret");
  for (const code of recoveryCodes) found.set(code, "recoveryCode");
  return found;
}

/** A value may stand there as it is or encoded for a URL, for JSON or for HTML. */
function formsOf(value: string): string[] {
  return [...new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])];
}

function finds(text: string, secrets: ReadonlyMap<string, string>, where: string): string[] {
  return [...secrets].flatMap(([value, kind]) =>
    formsOf(value).some((form) => text.includes(form)) ? [`${kind} in ${where}`] : [],
  );
}

const isStream = (response: Response) =>
  response.headers()["content-type"]?.startsWith("text/event-stream") ?? false;

/** Everything the studio sends to this browser, and everything the browser shows or keeps. */
function collect(context: BrowserContext) {
  const emitted: { where: string; text: string }[] = [];
  const pending: Promise<unknown>[] = [];
  const note = (where: string, text: string) => emitted.push({ where, text });
  context.on("request", (request) => {
    const url = request.url();
    // The provider's own redirect is the one address that holds a code.
    if (url.startsWith(studioUrl) && !callbackUrl.test(url)) note("an address of ours", url);
    const referer = request.headers().referer;
    if (referer) note("a Referer", referer);
  });
  context.on("response", (response) => {
    if (!response.url().startsWith(studioUrl)) return;
    const where = `the answer of ${new URL(response.url()).pathname}`;
    pending.push(
      response.allHeaders().then((headers) => note(`${where}, headers`, JSON.stringify(headers))),
      // A stream of events goes on until the page is left: it is read by the tests of its own.
      isStream(response)
        ? Promise.resolve()
        : response.text().then(
            (text) => note(where, text),
            () => {}, // redirects have no body
          ),
    );
  });
  context.on("console", (message) => note("the console", message.text()));
  const watch = (page: Page) =>
    page.on("framenavigated", (frame) => {
      if (frame.url().startsWith(studioUrl)) note("the address bar", frame.url());
    });
  context.on("page", watch);
  const keep = async (page: Page) => {
    note(
      "what scripts can read",
      await page.evaluate(async () =>
        JSON.stringify([
          { ...localStorage },
          { ...sessionStorage },
          document.cookie,
          (await indexedDB.databases()).map(({ name }) => name),
          await caches.keys(),
          history.state,
        ]),
      ),
    );
    note("the page", await page.content());
  };
  return { emitted, keep, settled: () => Promise.all(pending) };
}

test("[OA-9] [VA-9] no code, verifier, token or password is in anything the studio emits, logs or keeps", async ({
  page,
  context,
}) => {
  const { emitted, keep, settled } = collect(context);
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(colleague.email);
  await page.getByLabel("Password").fill(colleague.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("/integrations");

  const made: string[] = [];
  for (const [name, definition] of [
    ["Canary org", salesforceDemo("Canary org")],
    [
      "Canary unit",
      marketingCloudDemo("Canary unit", { accountId: demoMarketingCloud.mids.loyalty }),
    ],
  ] as const) {
    const id = await makeConnection(page, definition);
    made.push(id);
    const { window } = await beginOn(page, id, name);
    await keep(page);
    // The window that comes back from the provider stands on a clean address, before and after.
    const back = new Promise<string>((resolve) => {
      window.on("framenavigated", (frame) => {
        if (frame.url().startsWith(studioUrl)) resolve(frame.url());
      });
    });
    await allowAs(window, "Maya Lindqvist");
    expect(await back).toMatch(/\/integrations\/flows\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("heading", { level: 1, name: /^Connected as / })).toBeVisible();
    await keep(page);
    await page.goto(`/integrations/${id}`);
    await page.getByRole("button", { name: "Test call" }).click();
    await expect(page.getByRole("main").getByText(/ answered in \d+ ms$/)).toBeVisible();
    await page.goto("/integrations");
    await keep(page);
  }
  // Refusals carry provider text and codes too.
  await page.goto("/auth/salesforce-callback?code=unknown&state=unknown");
  await keep(page);

  const live = await canaries();
  const kinds = new Set(live.values());
  for (const kind of ["code", "code_verifier", "accessToken", "refreshToken", "password"]) {
    expect(kinds, "the scan knows what it looks for").toContain(kind);
  }
  const access = new Map([...live].filter(([, kind]) => kind === "accessToken"));
  // [VA-9] While the connections live, their access tokens are nowhere on disk.
  const onDisk: string[] = [];
  for (const file of [
    ...globSync(`${dataDir}/**/*`),
    ...globSync(".next/cache/**/*"),
    ...globSync(".next/server/**/*"),
  ]) {
    if (!statSync(file, { throwIfNoEntry: false })?.isFile() || /demo-state\.json/.test(file))
      continue;
    const content = readFileSync(file);
    for (const [value] of access)
      if (content.includes(value)) onDisk.push(path.relative(".", file));
  }
  expect([...new Set(onDisk)], "access tokens on disk").toEqual([]);

  for (const id of made) {
    const grant = await grantOf(page, id);
    await call(page, "DELETE", `/api/grants/${grant?.id}`);
  }
  await page.goto("/integrations");
  await keep(page);
  await settled();

  const secrets = new Map([...(await canaries()), ...live]);
  const found = new Set(emitted.flatMap(({ text, where }) => finds(text, secrets, where)));
  for (const one of finds(studioLog(), secrets, "the studio's log")) found.add(one);
  for (const one of finds(await dumpDatabase(), secrets, "the database")) found.add(one);
  expect([...found]).toEqual([]);
  expect(emitted.length).toBeGreaterThan(100);
  for (const id of made) await call(page, "DELETE", `/api/connections/${id}`);
});

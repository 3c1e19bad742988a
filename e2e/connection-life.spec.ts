import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility.ts";
import { makeAgent } from "./support/agent.ts";
import {
  call,
  connectDirectly,
  grantOf,
  makeConnection,
  salesforceDemo,
} from "./support/connect.ts";
import { withDatabase } from "./support/database.ts";
import { pressUntil } from "./support/keys.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 240_000 });

type Place = { id: string; grantId: string; agentId: string; key: string };

/** A connected connection of this test's own, with an agent that has a key. */
async function givenPlace(page: Page, name: string): Promise<Place> {
  const id = await makeConnection(page, salesforceDemo(name));
  await connectDirectly(page, id, "Theo Brandt");
  const grantId = (await grantOf(page, id))?.id ?? "";
  const { id: agentId, key } = await makeAgent(page, `${name} reader`, {
    connections: [{ connectionId: id }],
  });
  return { id, grantId, agentId, key };
}

async function cleanUp(page: Page, { id, agentId }: Place): Promise<void> {
  await call(page, "DELETE", `/api/agents/${agentId}`);
  await call(page, "DELETE", `/api/connections/${id}`);
}

/** As an agent asks for it: a key, and no cookie. */
async function lease({ id, key }: Place): Promise<void> {
  const answer = await fetch(`${studioUrl}/api/broker/leases`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ connectionId: id }),
  });
  expect(answer.status, await answer.text()).toBe(201);
}

test("a connection's page shows agents and leases as they come, and ends one", async ({ page }) => {
  const place = await givenPlace(page, "Lived org");
  await page.goto(`/integrations/${place.id}`);
  const tokens = page.getByRole("region", { name: "Token life" });
  await expect(tokens).toBeVisible();
  await expect(page.getByText(/sign-ins? of this user through this app/)).toBeVisible();
  await expect(page.getByText(/^When an agent asks next/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Lived org reader" })).toBeVisible();
  await expect(page.getByText("No agent has borrowed it at this moment.")).toBeVisible();

  // Without a reload.
  for (let count = 0; count < 3; count += 1) await lease(place);
  const leases = page.getByRole("table", { name: "Active leases" });
  await expect(leases.getByRole("row")).toHaveCount(4, { timeout: 30_000 });
  await expect(leases.getByText("Proxy").first()).toBeVisible();
  await page.reload();
  await expect(page.getByText("3 leases issued")).toBeVisible();
  await expectAccessible(page, "connection, living");

  await leases.getByRole("button", { name: /^End/ }).first().click();
  const asked = page.getByRole("alertdialog", { name: /^End the lease of/ });
  await expectAccessible(page, "connection, ending a lease");
  await asked.getByRole("button", { name: "End the lease" }).click();
  await expect(leases.getByRole("row")).toHaveCount(3);
  await expect(page.getByText("Lease ended early")).toBeVisible({ timeout: 40_000 });
  await cleanUp(page, place);
});

test("[BRK-3] handing out the access token is off, asked before, seen by all, and taken back", async ({
  page,
}) => {
  const place = await givenPlace(page, "Raw org");
  await page.goto(`/integrations/${place.id}`);
  const choice = page.getByRole("region", { name: /^Agents may have the access token itself/ });
  await expect(choice.getByText("Off", { exact: true })).toBeVisible();
  await choice.getByRole("button", { name: "Allow" }).click();
  const asked = page.getByRole("alertdialog");
  await expect(asked.getByText(/neither checked nor recorded/)).toBeVisible();
  await expectAccessible(page, "connection, allowing the access token");
  await asked.getByRole("button", { name: "Keep it inside" }).click();
  await expect(choice.getByText("Off", { exact: true })).toBeVisible();
  await choice.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Allow it" }).click();
  await expect(choice.getByText("Allowed", { exact: true })).toBeVisible();
  await expect(page.getByText("Handing out the access token allowed")).toBeVisible();
  await page.reload();
  await expect(choice.getByText("Allowed", { exact: true })).toBeVisible();
  await expectAccessible(page, "connection, access token allowed");
  await choice.getByRole("button", { name: "Keep it inside again" }).click();
  await expect(choice.getByText("Off", { exact: true })).toBeVisible();
  await cleanUp(page, place);
});

test("what is wrong says why, what to do and until when; the list says it too", async ({
  page,
}) => {
  const name = "Troubled org";
  const place = await givenPlace(page, name);
  const set = (change: string) =>
    withDatabase((client) =>
      client.query(`update grants set ${change} where id = $1`, [place.grantId]),
    );
  const row = () => page.getByRole("row").filter({ hasText: name });
  const look = async (words: RegExp, picture: string, inList: string) => {
    await page.goto(`/integrations/${place.id}`);
    await expect(page.getByRole("heading", { level: 2, name: words })).toBeVisible();
    await expectAccessible(page, picture);
    await page.goto(`/integrations?q=${encodeURIComponent(name)}`);
    await expect(row().getByText(inList).first()).toBeVisible();
  };

  await set(`refresh_failures = 4, refresh_problem = 'provider_down',
    refresh_retry_at = now() + interval '4 minutes'`);
  await look(/not answering/, "connection, refresh failing", "The provider is not answering");
  await page.goto(`/integrations/${place.id}`);
  await expect(page.getByRole("timer", { name: "Time until the next try" })).toHaveText(
    /^\d:\d\d$/,
  );
  await expect(page.getByText(/The last 4 refreshes failed/)).toBeVisible();

  await set(`refresh_failures = 0, refresh_problem = null, refresh_retry_at = null,
    idle_deadline = now() + interval '3 days 2 hours', access_token_expires_at = now() - interval '1 hour'`);
  await look(/^Goes idle in 3 days/, "connection, idle soon", "Goes idle in 3 days");

  await set(`idle_deadline = null, state = 'needs_reconnect', reason = 'grant_pushed_out'`);
  await look(
    /sixth|pushed|oldest/i,
    "connection, needs reconnect",
    "Pushed out by another sign-in",
  );
  await page.goto(`/integrations/${place.id}`);
  await expect(page.getByRole("button", { name: `Reconnect ${name}` })).toBeVisible();

  await set(`state = 'active', reason = null`);
  await withDatabase((client) =>
    client.query(
      "update connections set problem = 'app_blocked', problem_at = now() where id = $1",
      [place.id],
    ),
  );
  await look(/block/i, "connection, app refused", "App refused");
  await cleanUp(page, place);
});

test("health shows the week by the hour, in a picture and in a table", async ({ page }) => {
  const place = await givenPlace(page, "Healthy org");
  await page.goto(`/integrations/${place.id}`);
  await page.getByRole("link", { name: "Health", exact: true }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: /^Health of Healthy org/ }),
  ).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nothing used it this week" })).toBeVisible();
  await expectAccessible(page, "health, new");

  await withDatabase((client) =>
    client.query(
      `insert into usage_hours (grant_id, hour, team_id, connection_id, leases, leases_failed,
         lease_latency, calls, calls_failed, refreshes, refreshes_failed, problem, problem_at)
       select g.id, date_trunc('hour', now()) - n * interval '1 hour', g.team_id, g.connection_id,
         (n * 37) % 60, case when n % 29 = 3 then 4 else 0 end,
         array[(n * 37) % 60 - 4, 2, 1, 1, 0, 0, 0, 0, 0, 0], (n * 61) % 240,
         case when n % 29 = 3 then 9 else 0 end, case when n % 2 = 0 then 3 else 0 end,
         case when n = 32 then 1 else 0 end,
         case when n % 29 = 3 then 'rate_limited' when n = 40 then 'grants.refresh_busy' end,
         case when n % 29 = 3 or n = 40 then now() - n * interval '1 hour' end
       from grants g, generate_series(1, 160) n
       where g.id = $1 and (n * 7) % 24 between 5 and 20`,
      [place.grantId],
    ),
  );
  await page.reload();
  await expect(page.getByRole("img", { name: /^By the hour for seven days/ })).toBeVisible();
  await expect(page.getByText("A new token was on its way")).toBeVisible();
  await expect(
    page.getByRole("link", { name: /^What to do about rate_limited/ }).first(),
  ).toBeVisible();
  await page.getByText("As a table").click();
  await expect(page.getByRole("table", { name: "The week by the day" })).toBeVisible();
  await expectAccessible(page, "health, a week");

  // The palette finds it too.
  await page.goto("/integrations");
  const field = page.getByRole("combobox");
  await pressUntil(page, ["ControlOrMeta+k"], () => expect(field).toBeFocused({ timeout: 5_000 }));
  await field.fill("Healthy org");
  await page.getByRole("option", { name: "Health of Healthy org" }).click();
  await expect(page).toHaveURL(`/integrations/${place.id}/health`);
  await cleanUp(page, place);
});

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { expectAccessible } from "./support/accessibility.ts";
import { call, makeConnection, salesforceDemo } from "./support/connect.ts";
import { withDatabase } from "./support/database.ts";
import { dataDir } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 180_000 });

/** An operator's verb beside the running studio. */
function studio(...words: string[]): Promise<{ code: number; said: string }> {
  const env = { ...process.env, STUDIO_DATA_DIR: dataDir, DATABASE_URL: "" };
  return new Promise((resolve) => {
    execFile("node", ["scripts/run.mjs", "studio", ...words], { env }, (error, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), said }),
    );
  });
}

test("what was done stands in Activity, can be narrowed, and each event opens whole", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const name = "=Trail, as typed";
  await page.goto("/integrations");
  const id = await makeConnection(page, salesforceDemo(name));
  await call(page, "PATCH", `/api/connections/${id}`, { name: "Trail, renamed" });

  await page.getByRole("link", { name: "Activity" }).click();
  await expect(page).toHaveURL("/activity");
  await expect(page.getByRole("heading", { level: 1, name: "Activity" })).toBeVisible();
  const table = page.getByRole("table", { name: "Events" });
  const renamed = table.getByRole("row").filter({ hasText: "Trail, renamed" });
  await expect(renamed.getByRole("button", { name: /^Renamed/ })).toBeVisible();
  await expectAccessible(page, "activity");

  await page.getByLabel("Kind").selectOption({ label: "Connections" });
  await expect(page).toHaveURL(/area=connections/);
  await expect(table.getByText("Signed in", { exact: true })).toHaveCount(0);
  await page.getByRole("searchbox", { name: "Search activity" }).fill("trail, renamed");
  await expect(page).toHaveURL(/q=trail/);
  await expect(table.getByRole("row")).toHaveCount(3); // heads, made, renamed
  await page.reload();
  await expect(table.getByRole("row")).toHaveCount(3);

  // By keyboard alone: open, read, copy, close; the focus is back on its row.
  const row = table.getByRole("button", { name: /^Renamed/ });
  await row.focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Renamed" });
  await expect(drawer.getByText(name)).toBeVisible();
  await expect(drawer.getByText(/^Event [\d\s]+ of the team$/)).toBeVisible();
  await expectAccessible(page, "activity, one event");
  await drawer.getByRole("button", { name: "Copy as JSON" }).click();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(copied).toMatchObject({ action: "connection.renamed", detail: { from: name } });
  await page.keyboard.press("Escape");
  await expect(drawer).toHaveCount(0);
  await expect(row).toBeFocused();

  await row.click();
  await page.getByRole("button", { name: "All of this connection" }).click();
  await expect(page).toHaveURL(`/activity?connection=${id}`);
  await page.getByRole("button", { name: "Clear" }).click();

  await page.getByRole("button", { name: "Check the chain" }).click();
  await expect(page.getByText(/Chain intact, [\d\s]+ events checked/)).toBeVisible();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("a search that finds nothing says so and can be cleared", async ({ page }) => {
  await page.goto("/activity?q=nothing-was-ever-called-this");
  await expect(page.getByRole("heading", { name: "No event matches" })).toBeVisible();
  await expectAccessible(page, "activity, nothing found");
  await page.getByRole("button", { name: "Clear search and filters" }).click();
  await expect(page.getByRole("table", { name: "Events" })).toBeVisible();
});

test("[AUD-6] the list is saved as a file, and that it was stands in the list", async ({
  page,
}) => {
  await page.goto("/activity");
  const saving = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as NDJSON" }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toMatch(/^audit-\d{4}-\d\d-\d\d\.ndjson$/);
  const lines = readFileSync(await file.path(), "utf8")
    .trim()
    .split("\n");
  expect(lines.map((line) => JSON.parse(line).sequence)).toEqual(
    lines.map((_, index) => index + 1),
  );
  await page.reload();
  const table = page.getByRole("table", { name: "Events" });
  await expect(table.getByRole("button", { name: /^Activity exported/ }).first()).toBeVisible();
});

test("[AUD-4] the operator's verifier names an event that was edited in the database", async ({
  page,
}) => {
  await page.goto("/integrations");
  const id = await makeConnection(page, salesforceDemo("Edited behind our back"));
  expect(await studio("audit", "verify")).toMatchObject({ code: 0 });
  const edit = (name: string) =>
    withDatabase(async (client) => {
      await client.query("begin; set local session_replication_role = replica");
      const { rows } = await client.query(
        `update audit_events set detail = jsonb_set(detail, '{name}', to_jsonb($2::text))
         where connection_id = $1 and action = 'connection.created' returning id, sequence, team_id`,
        [id, name],
      );
      await client.query("commit");
      return rows[0];
    });
  const edited = await edit("Nothing to see here");
  const found = await studio("audit", "verify");
  await edit("Edited behind our back");
  expect(found.code).toBe(1);
  expect(found.said).toContain(
    `team ${edited.team_id}: BROKEN, event ${edited.sequence} (${edited.id}) is not what the studio wrote`,
  );
  const exported = await studio("audit", "export", "--team", edited.team_id, "--format", "ndjson");
  const lines = exported.said.trim().split("\n");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ sequence: 1, teamId: edited.team_id });
  expect((await studio("audit", "verify", "--team", edited.team_id)).code).toBe(0);
  await call(page, "DELETE", `/api/connections/${id}`);
});

import type { Locator } from "@playwright/test";
import { explain, noFacts } from "#lib/grants/decoder.ts";
import { guidePath, reasonCodes } from "#lib/providers/reason-codes.ts";
import { call } from "./support/connect.ts";
import { journeys, type Next, type Stage } from "./support/reasons.ts";
import { studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

// The providers' certificates are of this run's own authority, which only the studio trusts.
test.use({ ignoreHTTPSErrors: true, permissions: ["clipboard-read", "clipboard-write"] });

test("[OA-7] every reason has a journey that leads to it", () => {
  const reached = new Set(journeys.map(({ reason }) => reason));
  expect(reasonCodes.filter((reason) => !reached.has(reason))).toEqual([]);
});

for (const { reason, mistake, heading, next, arrive } of journeys) {
  test(`[OA-7] ${reason}: whoever ${mistake} is told so, with a next step that works`, async ({
    page,
    context,
  }, { testId }) => {
    const stage: Stage = { page, context, name: `Reason ${testId}`, undo: [] };
    try {
      await arrive(stage);
      const main = page.getByRole("main");
      await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
      await expect(main).not.toContainText("pwned_by_provider");

      const fold = main.locator("summary").filter({ hasText: "Technical details" });
      await expect(fold).toContainText(reason);
      const line = main.getByText(`reason  `).filter({ hasText: reason });
      await expect(line).toBeHidden();
      await fold.click();
      await expect(line).toBeVisible();
      const copy = main.getByRole("button", { name: "Copy the details" });
      await copies(stage, copy, new RegExp(`^reason\\s+${reason}`));
      await expect(main.getByRole("link", { name: "Read the guide" })).toHaveAttribute(
        "href",
        guidePath(reason),
      );
      await take(next, stage);
    } finally {
      for (const undo of stage.undo) await undo();
      await removeConnections(stage);
    }
  });
}

const clipboardOf = ({ page }: Stage) => page.evaluate(() => navigator.clipboard.readText());

/** A page that is not awake yet, or stands behind another window, takes no press: a person presses again. */
async function copies(stage: Stage, button: Locator, what: RegExp): Promise<void> {
  await expect(async () => {
    await stage.page.bringToFront();
    await button.click();
    await expect.poll(() => clipboardOf(stage), { timeout: 2_000 }).toMatch(what);
  }).toPass({ timeout: 20_000 });
}

/** Presses the step and sees where it leads. */
async function take(next: Next, stage: Stage): Promise<void> {
  const { page, context, name } = stage;
  const main = page.getByRole("main");
  if ("link" in next) {
    // The breadcrumbs may name the same place: the step is the later one.
    await main.getByRole("link", { name: next.link, exact: true }).last().click();
    await expect(page).toHaveURL(next.to);
    const { pathname, searchParams } = new URL(page.url());
    if (pathname !== "/integrations/new") return;
    // The form is filled with what is known of the connection, and with what the link chose.
    await expect(page.getByLabel("Connection name")).toHaveValue(name);
    const environment = searchParams.get("environment");
    if (environment) await expect(page.locator(`input[value=${environment}]`)).toBeChecked();
    return;
  }
  if ("visit" in next) {
    const link = main.getByRole("link", { name: next.visit });
    await expect(link).toHaveAttribute("href", next.href);
    await expect(link).toHaveAttribute("rel", "noopener noreferrer");
    return;
  }
  if ("copy" in next) {
    const copy = main.getByRole("button", { name: next.copy, exact: true }).first();
    const { has } = next;
    await copies(stage, copy, typeof has === "string" ? new RegExp(RegExp.escape(has)) : has);
    return;
  }
  // A browser that is signed in over there may be back before anybody looks: what counts is that
  // another flow of this connection began, in a window of its own.
  const before = page.url();
  const opened = context.waitForEvent("page");
  await main.getByRole("button", { name: next.again, exact: true }).first().click();
  const window = await opened;
  await expect(page).not.toHaveURL(before);
  await expect(page).toHaveURL(/\/integrations\/flows\/[0-9a-f-]{36}$/);
  await window.waitForURL((url) => url.protocol.startsWith("http"), { waitUntil: "commit" });
  await window.close();
}

async function removeConnections({ page, name }: Stage): Promise<void> {
  if (!page.url().startsWith(studioUrl)) await page.goto("/settings");
  const { body } = await call<{ items: { id: string; name: string }[] }>(
    page,
    "GET",
    `/api/connections?q=${encodeURIComponent(name)}`,
  );
  for (const { id } of body.items) await call(page, "DELETE", `/api/connections/${id}`);
}

test("[OA-7] a reason that is not ours is not repeated on the page", async ({ page }) => {
  const strange = "<script>alert(1)</script>pwned_by_a_link";
  for (const query of [
    `reason=${encodeURIComponent(strange)}`,
    `reason=${strange.slice(-15)}`,
    "reason=constructor",
    "reason=__proto__",
    "reason=access_denied&reason=pwned_by_a_link",
    "",
  ]) {
    await page.goto(`/integrations/problem?${query}`);
    await expect(
      page.getByRole("heading", { level: 1, name: explain("flow_unknown", noFacts).title }),
    ).toBeVisible();
    await expect(page.getByRole("main")).not.toContainText("pwned");
    await expect(page.getByRole("main")).not.toContainText("alert(1)");
  }
});

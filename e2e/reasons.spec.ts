import type { Page } from "@playwright/test";
import { explain, noFacts } from "#lib/grants/decoder.ts";
import { reasonCodes } from "#lib/providers/reason-codes.ts";
import { ownerState } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

let page: Page;
test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext({ storageState: ownerState })).newPage();
});
test.afterAll(() => page.context().close());

for (const reason of reasonCodes) {
  test(`[OA-7] ${reason} says what happened and what to do next`, async () => {
    const words = explain(reason, noFacts);
    await page.goto(`/integrations/problem?reason=${reason}`);
    const main = page.getByRole("main");
    await expect(main.getByRole("heading", { level: 1, name: words.title })).toBeVisible();
    await expect(main.getByText(words.cause)).toBeVisible();
    const [first] = words.steps;
    await expect(main.getByText(first.title, { exact: true })).toBeVisible();
    await expect(main.getByText(first.text, { exact: true })).toBeVisible();
    const folded = main.getByText(`reason  ${reason}`);
    await expect(folded).toBeHidden();
    await main.locator("summary").filter({ hasText: "Technical details" }).click();
    await expect(folded).toBeVisible();
  });
}

test("[OA-7] a reason that is not ours is not repeated on the page", async () => {
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

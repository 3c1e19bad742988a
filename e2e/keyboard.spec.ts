import { expectAccessible } from "./support/accessibility.ts";
import { call, makeConnection, salesforceDemo } from "./support/connect.ts";
import { pressUntil } from "./support/keys.ts";
import { expect, test } from "./support/test.ts";

test("the list is used without a mouse: search, rows, open, connect, go", async ({ page }) => {
  const ids = [];
  for (const name of ["Keys alpha", "Keys beta"]) {
    ids.push(await makeConnection(page, salesforceDemo(name)));
  }
  // Connected or not, there is more than the demo to see: the list, not the first day.
  await makeConnection(page, {
    provider: "salesforce",
    method: "custom-app",
    name: "Keys gamma",
    environment: "sandbox",
    clientId: "3MVG9example.client.id",
  }).then((id) => ids.push(id));
  await page.goto("/integrations");
  const search = page.getByRole("searchbox", { name: "Search connections" });
  await expect(page.getByRole("table", { name: "Connections" })).toBeVisible();
  await pressUntil(page, ["/"], () => expect(search).toBeFocused({ timeout: 1_000 }));
  await page.keyboard.type("keys");
  await expect(page).toHaveURL(/q=keys/);
  await expect(page.getByRole("link", { name: /^Keys \w+$/ })).toHaveCount(3);
  await page.keyboard.type(" c/");
  await expect(search, "letters are letters while one types").toHaveValue("keys c/");
  await expect(page.getByRole("main").getByText("No connection matches")).toBeVisible();
  await search.fill("keys");
  await expect(page).toHaveURL(/q=keys$/);
  await expect(page.getByRole("link", { name: /^Keys \w+$/ })).toHaveCount(3);
  await page.keyboard.press("Escape");
  await expect(search, "Escape leaves the field with what was found").toHaveValue("keys");

  const links = page.locator("[data-row-link]");
  await page.keyboard.press("j");
  await expect(links.nth(0)).toBeFocused();
  await page.keyboard.press("j");
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(links.nth(2)).toBeFocused();
  await page.keyboard.press("k");
  await expect(links.nth(1)).toBeFocused();
  const name = (await links.nth(1).textContent()) ?? "";
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: new RegExp(name) })).toBeVisible();

  await page.keyboard.press("c");
  await expect(page).toHaveURL("/integrations/new");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL("/settings");
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page).toHaveURL("/integrations");
  for (const id of ids) await call(page, "DELETE", `/api/connections/${id}`);
});

test("single keys can be turned off", async ({ page }) => {
  await page.goto("/settings");
  await page.getByRole("checkbox", { name: "Single-key shortcuts" }).uncheck();
  await page.keyboard.press("c");
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  await page.goto("/integrations");
  await page.keyboard.press("c");
  await expect(page).toHaveURL("/integrations");
});

test("the first Tab offers to skip to the page", async ({ page }) => {
  await page.goto("/integrations");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the page" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("a dialog takes the focus, keeps it, and gives it back", async ({ page }) => {
  const id = await makeConnection(page, salesforceDemo("Dialogs"));
  await page.goto(`/integrations/${id}`);
  for (const [button, role] of [
    ["Rename", "dialog"],
    ["Delete connection", "alertdialog"],
  ] as const) {
    const trigger = page.getByRole("button", { name: button }).first();
    await trigger.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole(role);
    await expect(dialog).toBeVisible();
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press("Tab");
      expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(
        true,
      );
    }
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(trigger).toBeFocused();
  }
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("the theme follows the system and can be chosen", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/settings");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("radio", { name: "Light" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.reload();
  await expect(page.getByRole("radio", { name: "Light" })).toBeChecked();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("the palette finds a connection, a page and a command by a few letters, without a mouse", async ({
  page,
}) => {
  const id = await makeConnection(page, salesforceDemo("Palette target"));
  await page.goto("/settings");
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  const palette = page.getByRole("dialog", { name: "Find or do" });
  const field = palette.getByRole("combobox");
  await pressUntil(page, ["Control+k"], () => expect(field).toBeFocused({ timeout: 5_000 }));
  await expectAccessible(page, "palette");
  await page.keyboard.type("palette tar");
  await expect(palette.getByRole("option", { name: /Palette target/ })).toBeVisible();
  await expectAccessible(page, "palette found");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/integrations/${id}`);
  await expect(palette).toBeHidden();

  await page.getByRole("button", { name: "Find" }).click();
  await field.fill("business unit");
  await palette.getByRole("option", { name: "Connect a business unit" }).click();
  await expect(page).toHaveURL("/integrations/new?provider=marketing-cloud");

  await page.keyboard.press("Control+k");
  await field.fill("no such thing anywhere");
  await expect(palette.getByText("Nothing is called")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("? shows every key, unless single keys are off or somebody types", async ({ page }) => {
  await page.goto("/integrations?q=sheet");
  const search = page.getByRole("searchbox", { name: "Search connections" });
  await pressUntil(page, ["/"], () => expect(search).toBeFocused({ timeout: 1_000 }));
  await page.keyboard.type("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(search).toHaveValue(/\?$/);
  await expect(sheet).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(sheet.getByText("Reconnect the row")).toBeVisible();
  await expectAccessible(page, "keys");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
});

import { expectAccessible } from "./support/accessibility.ts";
import { addPerson, colleague } from "./support/people.ts";
import { addOwnersApp } from "./support/second-factor.ts";
import { owner, ownerState, setUpCode } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test("a fresh studio is claimed with the terminal's code and opens on the demo", async ({
  page,
}) => {
  // Every journey stands on it, and it opens each page for the first time.
  test.setTimeout(180_000);
  await page.goto("/");
  await expect(page).toHaveURL("/setup");
  await expect(page.getByRole("heading", { name: "Set up this studio" })).toBeVisible();
  await expectAccessible(page, "set-up");

  const typed = {
    "Your name": owner.name,
    "E-mail": owner.email,
    "Team name": owner.teamName,
    Password: owner.password,
  };
  await page.getByLabel("One-time code").fill("0000-0000-0000-0000-0000");
  for (const [label, text] of Object.entries(typed)) await page.getByLabel(label).fill(text);
  await page.getByRole("button", { name: "Set up and sign in" }).click();
  // A wrong code is said at its field, and nothing that was typed is lost.
  await expect(page.getByLabel("One-time code")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("One-time code")).toBeFocused();
  for (const [label, text] of Object.entries(typed)) {
    await expect(page.getByLabel(label)).toHaveValue(text);
  }
  await expectAccessible(page, "set-up with a wrong code");

  await page.getByLabel("One-time code").fill(setUpCode().toLowerCase());
  await page.getByRole("button", { name: "Set up and sign in" }).click();
  await expect(page).toHaveURL("/integrations");
  await expect(page.getByRole("heading", { level: 1, name: "Integrations" })).toBeVisible();
  for (const name of ["Demo org", "Demo Marketing Cloud"]) {
    await expect(page.getByRole("heading", { name })).toBeVisible();
    await expect(page.getByRole("button", { name: `Connect ${name}` })).toBeEnabled();
  }
  await expectAccessible(page, "integrations on the first day");

  await page.goto("/setup");
  await expect(page, "nobody claims it a second time").toHaveURL("/integrations");

  // What follows is for the journeys: an owner who may look after others, and a member who signs in.
  await addOwnersApp(page);
  await addPerson(colleague);
  await page.context().storageState({ path: ownerState });
});

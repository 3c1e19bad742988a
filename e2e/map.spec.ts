import { expectAccessible } from "./support/accessibility.ts";
import { call, connectDirectly, makeConnection, salesforceDemo } from "./support/connect.ts";
import { expect, test } from "./support/test.ts";

test("the map shows who is connected to what, and leads from a person to their connections", async ({
  page,
}) => {
  const id = await makeConnection(page, salesforceDemo("On the map"));
  await connectDirectly(page, id, "Maya Lindqvist");
  await page.goto("/integrations");
  await page.getByRole("link", { name: "Map", exact: true }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "Who is connected to what" }),
  ).toBeVisible();
  const people = page.getByRole("list", { name: "People" });
  await expectAccessible(page, "map");
  await people.getByRole("link", { name: /Robin Sandoval \(you\)/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    "What Robin Sandoval is connected to",
  );
  await expectAccessible(page, "map of one person");
  await page
    .getByRole("list", { name: "Orgs and business units" })
    .getByRole("link", { name: /On the map/ })
    .click();
  await expect(page).toHaveURL(`/integrations/${id}`);
  expect((await page.goto(`/integrations/map?person=${id}`))?.status()).toBe(404);
  expect((await page.goto("/integrations/map?provider=salesforce"))?.status()).toBe(404);
  await call(page, "DELETE", `/api/connections/${id}`);
});

import { expectAccessible } from "./support/accessibility.ts";
import {
  connectDirectly,
  makeConnection,
  marketingCloudDemo,
  removeConnections,
  salesforceDemo,
} from "./support/connect.ts";
import { addPerson, type Person, removePerson, signInAs } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 180_000 });

const nils: Person = {
  name: "Nils Aagard",
  email: "nils@studio.example",
  password: "patient willow over a gravel path",
};
const made: string[] = [];

test.beforeAll(() => addPerson(nils));
test.afterAll(async () => {
  await removePerson(nils);
  await removeConnections(made);
});

test("a business unit is explored by hand: a form of each operation, rows that scroll, what is refused said at its field", async ({
  page,
}) => {
  await page.context().clearCookies();
  await signInAs(page, nils, "/settings");
  const id = await makeConnection(
    page,
    marketingCloudDemo("Explored unit", {
      scopes: ["offline", "accounts_read", "data_extensions_read", "data_extensions_write"],
    }),
  );
  made.push(id);
  await page.goto(`/integrations/${id}/explore`);
  await expect(page.getByRole("heading", { name: "Connect it first" })).toBeVisible();

  await connectDirectly(page, id, "Lena Aaltonen");
  await page.goto(`/integrations/${id}`);
  await page.getByRole("link", { name: "Explore" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "Explore Explored unit" }),
  ).toBeVisible();
  await expectAccessible(page, "explorer form");

  await page.getByRole("button", { name: "List data extensions" }).click();
  await page.getByLabel("Search", { exact: true }).fill("");
  await page.getByRole("button", { name: "Run" }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await expect(answer.getByRole("table")).toBeVisible();
  await expect(answer.getByRole("status").first()).toContainText("rows");
  await answer.getByRole("button", { name: "key" }).click();
  await expect(answer.getByRole("columnheader", { name: "key" })).toHaveAttribute(
    "aria-sort",
    "ascending",
  );
  await answer.getByRole("button", { name: "Show JSON" }).click();
  await expect(answer.getByRole("textbox", { name: "Answer as JSON" })).toHaveValue(
    /"dataExtensions"/,
  );
  await answer.getByRole("button", { name: "Show as table" }).click();
  await expectAccessible(page, "explorer rows");

  // Which operation is open stands in the address, and going back goes back.
  await page.getByRole("button", { name: "Read rows of a data extension" }).click();
  await expect(page).toHaveURL(/op=marketing-cloud/);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 2, name: "List data extensions" })).toBeVisible();
  await page.goForward();
  await page.getByLabel("Key", { exact: true }).fill("no such key");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Request" })).toBeVisible();
});

test("an org is queried with names that complete from the org itself, and sorted by a column", async ({
  page,
}) => {
  await page.context().clearCookies();
  await signInAs(page, nils, "/settings");
  const id = await makeConnection(page, salesforceDemo("Explored org"));
  made.push(id);
  await connectDirectly(page, id, "Maya Lindqvist");
  await page.goto(`/integrations/${id}/explore?op=salesforce.query`);

  const editor = page.getByRole("textbox", { name: "SOQL" });
  await editor.click();
  await editor.press("ControlOrMeta+a");
  await editor.pressSequentially("SELECT Id, Name FROM Camp");
  const completions = page.getByRole("listbox");
  await expect(completions.getByRole("option", { name: /^Campaign · / })).toBeVisible();
  await editor.press("Escape");
  await editor.pressSequentially("aign ORDER BY N");
  await expect(completions.getByRole("option", { name: /^Name · / })).toBeVisible();
  await expectAccessible(page, "explorer completion");
  await editor.press("Escape");
  await editor.pressSequentially("ame");
  await editor.press("ControlOrMeta+Enter");

  const answer = page.getByRole("region", { name: "Answer" });
  await expect(answer.getByRole("table")).toBeVisible();
  await answer.getByRole("button", { name: "Name", exact: true }).click();
  await answer.getByRole("button", { name: "Name", exact: true }).click();
  await expect(answer.getByRole("columnheader", { name: "Name" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );

  // What the org refuses is said, and what was asked stays.
  await editor.press("ControlOrMeta+a");
  await editor.pressSequentially("SELECT Nope FROM Account");
  await editor.press("ControlOrMeta+Enter");
  await expect(page.getByRole("alert").filter({ hasText: "Request" })).toBeVisible();
  await expect(editor).toContainText("SELECT Nope FROM Account");
});

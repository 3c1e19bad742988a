import {
  allowAs,
  beginOn,
  call,
  connectDirectly,
  flowIdOf,
  grantOf,
  makeConnection,
  pressConnect,
  salesforceDemo,
  waitingHeading,
} from "./support/connect.ts";
import { demoLog, setFault } from "./support/demo.ts";
import { demoUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

const maya = {
  name: "Maya Lindqvist",
  username: "maya.lindqvist@northpine.example",
  words: "Connected as maya.lindqvist@northpine.example in Northpine Outfitters — Demo",
};
const theo = { name: "Theo Brandt", username: "theo.brandt@northpine.example" };

test("the demo org is connected from the list, seen, tested, renamed, disconnected and reconnected", async ({
  page,
}) => {
  await page.goto("/integrations");
  const window = await pressConnect(page, "Connect Demo org");
  await expect(page.getByRole("heading", { level: 1, name: waitingHeading })).toBeVisible();
  const flowId = await flowIdOf(page);
  await window.waitForURL(`${demoUrl}/login.salesforce.com/services/oauth2/**`);
  await expect(window.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(
    window.getByRole("main").getByText("to continue to MeshMesh Studio (demo)"),
  ).toBeVisible();
  const closed = window.waitForEvent("close");
  await allowAs(window, maya.name);

  // The page that waited moves on by itself; the other window goes away.
  await expect(page.getByRole("heading", { level: 1, name: maya.words })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  expect(page.url()).toContain(flowId);
  await closed;

  await page.getByRole("link", { name: "Open the connection" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /Demo org/ })).toBeVisible();
  await expect(page.getByRole("main").getByText(`Connected as ${maya.username}.`)).toBeVisible();
  await expect(page.getByRole("main").getByText("3 of 3 granted")).toBeVisible();
  await page.getByRole("button", { name: "Test call" }).click();
  await expect(page.getByRole("main").getByText(/^Salesforce answered in \d+ ms$/)).toBeVisible();
  await expect(page.getByRole("main").getByText("Test call answered")).toBeVisible();

  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Connection name").fill("Demo org, renamed");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /Demo org, renamed/ })).toBeVisible();

  await page.getByRole("link", { name: "Integrations" }).first().click();
  const row = page.getByRole("row").filter({ hasText: "Demo org, renamed" });
  await expect(row.getByText("Connected", { exact: true })).toBeVisible();
  await expect(row.getByText(maya.username)).toBeVisible();
  await row.getByRole("link", { name: "Open Demo org, renamed" }).click();

  await expect(page.getByRole("heading", { level: 1, name: /Demo org, renamed/ })).toBeVisible();
  const connectionId = new URL(page.url()).pathname.split("/").at(-1) as string;
  const before = await grantOf(page, connectionId);
  const heard = (await demoLog()).length;
  await page.getByRole("button", { name: "Disconnect" }).click();
  const asked = page.getByRole("alertdialog");
  await expect(asked.getByText("Salesforce is asked to end them on its side too.")).toBeVisible();
  await asked.getByRole("button", { name: "Disconnect" }).click();
  const receipt = page.getByRole("dialog", { name: "Disconnected from Demo org, renamed" });
  await expect(
    receipt.getByText(/Salesforce confirmed that the token is ended.*status 200/),
  ).toBeVisible();
  await receipt.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("button", { name: "Test call" })).toHaveCount(0);
  // Other journeys end tokens too, and one of theirs may be under way.
  const revoked = (await demoLog())
    .slice(heard)
    .filter(({ path }) => path === "/services/oauth2/revoke");
  expect(revoked.map(({ status }) => status)).toContain(200);

  const again = await pressConnect(page, "Connect Demo org, renamed");
  await allowAs(again, maya.name);
  await expect(page.getByRole("heading", { level: 1, name: maya.words })).toBeVisible();
  const after = await grantOf(page, connectionId);
  expect(after).toMatchObject({ id: before?.id, connectionId, state: "active" });
  await call(page, "PATCH", `/api/connections/${connectionId}`, { name: "Demo org" });
});

test("a declined access names itself and offers the next step", async ({ page }) => {
  const id = await makeConnection(page, salesforceDemo("Declined org"));
  const { window } = await beginOn(page, id, "Declined org");
  await window.getByRole("button", { name: "Continue as Ines Okafor" }).click();
  await window.getByRole("button", { name: "Deny" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "The access was declined" }),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeEnabled();
  await expect(page.getByRole("link", { name: "Change the scopes" })).toBeVisible();
  await expect(page.locator("summary").getByText("access_denied")).toBeVisible();
  expect(await grantOf(page, id)).toBeUndefined();

  // The next step works: the same connection, a new sign-in.
  const opened = page.context().waitForEvent("page");
  await page.getByRole("button", { name: "Try again" }).click();
  await allowAs(await opened, maya.name);
  await expect(page.getByRole("heading", { level: 1, name: maya.words })).toBeVisible();
  await call(page, "DELETE", `/api/connections/${id}`);
});

test("[OA-8] another person than before is shown beside the earlier one and must be confirmed", async ({
  page,
}) => {
  const name = "Handed over";
  const id = await makeConnection(page, salesforceDemo(name));
  await connectDirectly(page, id, maya.name);
  const grant = await grantOf(page, id);
  await call(page, "DELETE", `/api/grants/${grant?.id}`);

  const { window } = await beginOn(page, id, name);
  await allowAs(window, theo.name);
  await expect(
    page.getByRole("heading", { level: 1, name: "A different user came back" }),
  ).toBeVisible();
  await expect(page.getByRole("main").getByText(maya.username)).toBeVisible();
  await expect(page.getByRole("main").getByText(theo.username)).toBeVisible();
  await page.getByRole("button", { name: "Keep the earlier one" }).click();
  await expect(page.getByRole("button", { name: "Change to the new one" })).toHaveCount(0);
  expect(await grantOf(page, id)).toMatchObject({ id: grant?.id, state: "disconnected" });

  const second = await beginOn(page, id, name);
  await allowAs(second.window, theo.name);
  await page.getByRole("button", { name: "Change to the new one" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: `Connected as ${theo.username}` }),
  ).toBeVisible();
  expect(await grantOf(page, id)).toMatchObject({ id: grant?.id, state: "active" });
  await call(page, "DELETE", `/api/connections/${id}`);
});

// After the declined access above: the demo remembers what a person has allowed.
const markupName = `<img id=injected src=x onerror="document.title='run'">&amp;{{7*7}}`;
const markupPerson = `<script>document.title="run"</script><b id=injected>Ines</b>`;
const markupOrg = `"><svg id=injected onload="document.title='run'">Northpine`;

test("[WEB-9] names and a provider's texts are shown as the text that they are, everywhere", async ({
  page,
}) => {
  const id = await makeConnection(page, salesforceDemo(markupName));
  const user = "ines.okafor@northpine.example";
  const clear = [
    await setFault(
      "wire.fields",
      { fields: { name: markupPerson } },
      { scope: { user, path: "/services/oauth2/userinfo" } },
    ),
    await setFault(
      "wire.fields",
      { fields: { records: [{ Name: markupOrg }] } },
      { scope: { user, path: "/services/data" } },
    ),
  ];
  await connectDirectly(page, id, "Ines Okafor");
  for (const end of clear) await end();

  const isOnlyText = async () => {
    await expect(page).not.toHaveTitle("run");
    await expect(page.locator('#injected, img[src="x"]')).toHaveCount(0);
  };
  await expect(page.getByRole("heading", { level: 1 })).toContainText(markupOrg);
  await expect(page.getByRole("main")).toContainText(markupPerson);
  await isOnlyText();

  await page.goto("/integrations");
  await expect(page.getByRole("link", { name: markupName, exact: true })).toBeVisible();
  await isOnlyText();

  await page.goto(`/integrations/${id}`);
  await expect(page.getByRole("heading", { level: 1, name: markupName })).toBeVisible();
  await expect(page.getByRole("main")).toContainText(markupPerson);
  await isOnlyText();

  await page.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.getByRole("alertdialog")).toContainText(markupName);
  await page.getByRole("button", { name: "Stay connected" }).click();
  await call(page, "DELETE", `/api/connections/${id}`);
});

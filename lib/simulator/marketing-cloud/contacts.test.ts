import { describe, expect, test } from "vitest";
import { connectedCloud } from "./testing.ts";

const contacts = "/contacts/v1/contacts";
const search = "/contacts/v1/addresses/email/search";
// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read by tests
type Any = any;

const contact = (
  contactKey: string,
  email: string | null,
  names: Record<string, unknown> = {},
) => ({
  contactKey,
  attributeSets: [
    { name: "Email Addresses", items: [{ values: [{ name: "Email Address", value: email }] }] },
    {
      name: "Email Demographics",
      items: [{ values: Object.entries(names).map(([name, value]) => ({ name, value })) }],
    },
  ],
});
async function studio(scope?: string) {
  const cloud = await connectedCloud(scope);
  const keysOf = async (address: string) =>
    (
      await cloud.act("POST", search, { ChannelAddressList: [address], MaximumCount: 5 })
    ).json.channelAddressResponseEntities[0].contactKeyDetails.map(
      ({ contactKey }: Any) => contactKey,
    );
  return { ...cloud, keysOf };
}

test("a contact is made, found by its address, changed and deleted in time", async () => {
  const { act, clock, keysOf, read } = await studio();
  const made = await act(
    "POST",
    contacts,
    contact("new-1", "new@mail.example", { "First Name": "Ada" }),
  );
  expect([made.status, made.json]).toMatchObject([
    200,
    {
      operationStatus: "OK",
      rowsAffetcted: 1,
      contactKey: "new-1",
      isNewContactKey: true,
      hasErrors: false,
    },
  ]);
  const again = await act("POST", contacts, contact("NEW-1", "newer@mail.example"));
  expect([again.json.isNewContactKey, again.json.contactId]).toEqual([false, made.json.contactId]);
  expect(await keysOf("NEWER@mail.example")).toEqual(["new-1"]);
  expect(await keysOf("new@mail.example")).toEqual([]);

  const body = { values: ["new-1"], DeleteOperationType: "ContactAndAttributes" };
  const deletion = await act("POST", `${contacts}/actions/delete?type=keys`, body);
  expect([deletion.status, deletion.json.operationInitiated]).toEqual([200, true]);
  const status = async () =>
    (await read(`${contacts}/actions/delete/status?operationID=${deletion.json.operationID}`))
      .operation.status;
  expect([await status(), await keysOf("newer@mail.example")]).toEqual(["Processing", ["new-1"]]);
  clock.advanceSeconds(31);
  expect([await status(), await keysOf("newer@mail.example")]).toEqual(["Completed", []]);
});

test("customers of the data extension are contacts of the same key and address", async () => {
  const { keysOf, read } = await studio();
  const { items } = await read("/data/v1/customobjectdata/key/Customers/rowset?$pageSize=3");
  for (const { keys, values } of items) {
    expect(await keysOf(values.emailaddress)).toContain(keys.customerid);
  }
});

describe("what is refused", () => {
  test.each([
    ["POST", contacts, contact("", "a@b.example"), 10002],
    ["POST", contacts, contact("x", "nowhere"), 10005],
    ["POST", contacts, contact("x", null, { "Shoe Size": 42 }), 10005],
    ["POST", contacts, contact("x", null, { "First Name": "x".repeat(51) }), 10005],
    ["POST", contacts, { contactKey: "x", attributeSets: "all" }, 10001],
    ["POST", search, {}, 10002],
    ["POST", search, { ChannelAddressList: ["a@b.example"], MaximumCount: 0 }, 10005],
    ["POST", `${contacts}/actions/delete`, { values: ["a"] }, 10005],
    ["POST", `${contacts}/actions/delete?type=keys`, { values: [] }, 10002],
    [
      "POST",
      `${contacts}/actions/delete?type=keys`,
      { values: ["a"], DeleteOperationType: "All" },
      10005,
    ],
  ])("%s %s %o", async (method, path, body, errorcode) => {
    const { act } = await studio();
    const answer = await act(method, path, body);
    expect([answer.status, answer.json.errorcode]).toEqual([400, errorcode]);
  });

  test("a change of nobody", async () => {
    const { act, read } = await studio();
    expect((await act("PATCH", contacts, contact("nobody", null))).status).toBe(404);
    expect((await read(`${contacts}/actions/delete/status?operationID=1`)).errorcode).toBe(30003);
  });

  test.each([
    ["POST", contacts, "list_and_subscribers_read audiences_write"],
    ["PATCH", contacts, "list_and_subscribers_read"],
    ["POST", search, "list_and_subscribers_read"],
    ["POST", `${contacts}/actions/delete?type=keys`, "list_and_subscribers_read"],
    ["GET", "/contacts/v1/schema", "audiences_read"],
  ])("%s %s to a token with %s", async (method, path, scope) => {
    const { act } = await studio(scope);
    expect((await act(method, path, {})).status).toBe(403);
  });
});

test("the schema tells the attributes", async () => {
  const { read } = await studio();
  const { attributeSetDefinitions } = await read("/contacts/v1/schema");
  expect(attributeSetDefinitions.map(({ name }: Any) => name)).toContain("Email Demographics");
});

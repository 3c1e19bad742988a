import { expect, test } from "vitest";
import { createConnection } from "#lib/connections/create-connection.ts";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { beginFlow } from "#lib/grants/begin-flow.ts";
import { deleteConnection } from "#lib/grants/delete-connection.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { providerAddresses } from "#lib/providers/addresses.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given, database } = await testStudio();
const secret = "9F1C0B7A5E3D2468ACE0canary";
const customApp = connectionDefinitionSchema.parse({
  provider: "salesforce",
  method: "custom-app",
  name: "Halden tools",
  environment: "custom",
  customDomain: "https://haldenoutdoor.lightning.force.com/lightning/page/home",
  clientId: "3MVG9",
  clientSecret: secret,
});

test("[OA-11] a custom app's secret is sealed on the way in and never comes back", async () => {
  const owner = await given.person();
  const view = await getConnectionView(deps, owner, await given.connection(owner, customApp));
  expect(view).toMatchObject({
    hasClientSecret: true,
    loginHost: "haldenoutdoor.my.salesforce.com",
    groupKey: "haldenoutdoor",
  });
  expect(JSON.stringify(view)).not.toContain(secret);
  const { rows } = await database.pool.query("select * from connections");
  const events = await database.pool.query("select * from audit_events");
  expect(JSON.stringify([rows, events.rows])).not.toContain(secret);
  expect(rows[0].client_secret_sealed).toMatch(/^v1\./);
});

test("[OA-11] only what is asked for is asked for: the minimum stands where nothing else is chosen", async () => {
  const owner = await given.person();
  const view = await getConnectionView(
    deps,
    owner,
    await given.connection(owner, givenDefinitions.halden),
  );
  expect([...view.scopes].sort()).toEqual(["api", "offline_access", "refresh_token"]);
});

test.each([
  [{ customDomain: "https://evil.example" }, "customDomain"],
  [{ customDomain: "acme.my.salesforce.com.evil.example" }, "customDomain"],
  [{ customDomain: "http://127.0.0.1" }, "customDomain"],
])("a host that is no provider's is refused by its field: %o", async (change, path) => {
  const owner = await given.person();
  await expect(given.connection(owner, { ...customApp, ...change })).rejects.toMatchObject({
    status: 400,
    issues: [{ path }],
  });
  expect(await deps.db.connection.count({ where: { teamId: owner.teamId } })).toBe(0);
});

test("a REST address of another tenant is refused with both tenants named", async () => {
  const owner = await given.person();
  const other = "https://mc9w2r6v5s8jd0zl4t7k1xq3hb6n.rest.marketingcloudapis.com/";
  await expect(
    given.connection(owner, { ...givenDefinitions.haldenUnit, restBaseUri: other }),
  ).rejects.toMatchObject({
    issues: [
      {
        path: "restBaseUri",
        message: expect.stringMatching(
          /mcb4x7t2k9qh1rn8v3z6w0pd5cys.*mc9w2r6v5s8jd0zl4t7k1xq3hb6n/,
        ),
      },
    ],
  });
});

test("the packaged app without its client id says which setting is missing", async () => {
  const owner = await given.person();
  const salesforce = { ...deps.settings.salesforce, packageClientId: null };
  const bare = { ...deps, settings: { ...deps.settings, salesforce } };
  const packaged = connectionDefinitionSchema.parse({
    ...givenDefinitions.halden,
    method: "packaged-app",
  });
  await expect(createConnection(bare, owner, packaged)).rejects.toMatchObject({
    code: "connections.app_not_configured",
    userMessage: expect.stringContaining("SALESFORCE_PACKAGE_CLIENT_ID"),
  });
});

test.each([
  { name: "a\u0000b" },
  { name: "Halden \u202eproduction" },
  { name: "   " },
  { clientSecret: "\ud800" },
  { clientSecret: "line\nbreak" },
])("[WEB-10] %o is refused by its field, not by the database", (change) => {
  const result = connectionDefinitionSchema.safeParse({ ...customApp, ...change });
  expect(result.error?.issues[0]?.path).toEqual(Object.keys(change));
});

test("with the demo switched off its connections are still seen, renamed and deleted", async () => {
  const owner = await given.person();
  const id = await given.connection(owner, { ...givenDefinitions.halden, environment: "demo" });
  const off = {
    ...deps,
    settings: { ...deps.settings, demoUrl: null },
    addresses: providerAddresses({ demoOrigin: null }),
  };
  expect((await getConnectionView(off, owner, id)).name).toBe("Halden Production");
  await editConnection(off, owner, id, { voids: 0, name: "old demo" });
  await expect(
    beginFlow(off, owner, { connectionId: id, surface: "web", returnTo: null }),
  ).rejects.toMatchObject({ status: 409, code: "providers.demo_off" });
  await deleteConnection(off, owner, id);
});

test("[TEN-9] fields that are not asked for are refused, not merged", () => {
  for (const extra of [{ teamId: "x" }, { createdById: "x" }, { loginHost: "evil.example" }]) {
    expect(connectionDefinitionSchema.safeParse({ ...customApp, ...extra }).success).toBe(false);
  }
});

test("[TEN-2] another team's connection is neither seen nor renamed", async () => {
  const owner = await given.person();
  const id = await given.connection(owner, givenDefinitions.halden);
  const stranger = await given.person();
  await expect(getConnectionView(deps, stranger, id)).rejects.toMatchObject({ status: 404 });
  await expect(
    editConnection(deps, stranger, id, { voids: 0, name: "mine" }),
  ).rejects.toMatchObject({
    status: 404,
  });
});

test("a member renames their own connection, not a teammate's", async () => {
  const owner = await given.person();
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  const theirs = await given.connection(owner, givenDefinitions.halden);
  const own = await given.connection(member, givenDefinitions.haldenUat);
  await expect(editConnection(deps, member, theirs, { voids: 0, name: "x" })).rejects.toMatchObject(
    {
      status: 403,
    },
  );
  await editConnection(deps, member, own, { voids: 0, name: "uat two" });
  expect((await getConnectionView(deps, member, own)).name).toBe("uat two");
});

import { expect, test } from "vitest";
import { demoMarketingCloud, demoSalesforce } from "#lib/connections/demo.ts";
import { listConnections } from "#lib/connections/list-connections.ts";
import { connectionQuerySchema } from "#lib/connections/schema.ts";
import { inTransaction } from "#lib/db/client.ts";
import { knownScopes } from "#lib/providers/marketing-cloud/scopes.ts";
import { demoMarketingCloud as servedTenant } from "#lib/simulator/marketing-cloud/demo.ts";
import { demoSalesforce as servedOrg } from "#lib/simulator/salesforce/demo.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given, simulator } = await testStudio();

test("a new team finds the demo org and the demo tenant ready to connect", async () => {
  const owner = await given.person();
  await inTransaction(deps.db, (tx) => deps.onTeamCreated(tx, owner));
  const { items } = await listConnections(deps, owner, connectionQuerySchema.parse({}));
  expect(items.map((item) => [item.name, item.environment, item.health])).toEqual([
    ["Demo org", "demo", "not_connected"],
    ["Demo Marketing Cloud", "demo", "not_connected"],
  ]);
  const events = await deps.db.auditEvent.findMany({ where: { teamId: owner.teamId } });
  expect(events.map((event) => event.action)).toEqual(["connection.created", "connection.created"]);
});

test("what the studio knows of the demo is what the demo serves", () => {
  expect(demoSalesforce.loginHost).toBe(servedOrg.loginHost);
  expect(demoSalesforce.clientId).toBe(servedOrg.clientId);
  expect(demoMarketingCloud.subdomain).toBe(servedTenant.subdomain);
  expect(demoMarketingCloud.clientId).toBe(servedTenant.clientId);
  const tenant = simulator.marketingCloud.findTenant(servedTenant.subdomain);
  const app = tenant?.packages.find(({ clientId }) => clientId === servedTenant.clientId);
  expect(app?.scopes).toEqual(expect.arrayContaining([...knownScopes]));
  expect(tenant?.businessUnits.map(({ mid, name }) => ({ mid, name }))).toEqual(
    expect.arrayContaining([...demoMarketingCloud.accountIds]),
  );
});

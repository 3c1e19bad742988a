import { expect, test } from "vitest";
import { groupRows } from "#components/connections/group-rows.ts";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";

const org = (name: string, over: Partial<ConnectionJson> = {}) =>
  ({
    name,
    provider: "salesforce",
    environment: "production",
    groupKey: "acme",
    groupName: "Acme",
    host: "acme.my.salesforce.com",
    health: "connected",
    accountId: null,
    orgName: null,
    enterpriseId: null,
    myGrant: null,
    ...over,
  }) as ConnectionJson;
const sandbox = (name: string, over: Partial<ConnectionJson> = {}) =>
  org(name, {
    environment: "sandbox",
    host: `acme--${name}.sandbox.my.salesforce.com`,
    ...over,
  });
const unit = (name: string, mid: number, enterpriseId: number | null = 100) =>
  org(name, {
    provider: "marketing-cloud",
    groupKey: "mctenant",
    host: "mctenant.auth.marketingcloudapis.com",
    accountId: mid,
    myGrant:
      enterpriseId === null
        ? null
        : ({ identity: { memberId: mid, enterpriseId } } as unknown as GrantJson),
  });
const names = (group: ReturnType<typeof groupRows>[number] | undefined) =>
  group?.rows.map((row) => (row.isNested ? `└ ${row.connection.name}` : row.connection.name));

test("sandboxes hang under their production org in the order they came, and show the short host", () => {
  const [group] = groupRows([
    sandbox("uat", { health: "needs_reconnect" }),
    sandbox("int", { health: "missing_scopes" }),
    org("Acme"),
    sandbox("qa"),
    sandbox("dev", { health: "not_connected" }),
  ]);
  expect(names(group)).toEqual(["Acme", "└ uat", "└ int", "└ qa", "└ dev"]);
  expect(group?.rows.map((row) => row.under)).toEqual([
    "acme.my",
    "--uat.sandbox",
    "--int.sandbox",
    "--qa.sandbox",
    "--dev.sandbox",
  ]);
});

test("a sandbox without its production org on the page hangs under nothing and keeps its whole name", () => {
  const [group] = groupRows([sandbox("uat"), sandbox("qa")]);
  expect(names(group)).toEqual(["uat", "qa"]);
  expect(group?.rows[0]?.under).toBe("acme--uat.sandbox");
});

test("a second production org of the company is not nested", () => {
  const [group] = groupRows([org("Acme"), org("Acme Japan"), sandbox("uat")]);
  expect(names(group)).toEqual(["Acme", "Acme Japan", "└ uat"]);
});

test("business units hang under the unit that is the enterprise itself", () => {
  const [group] = groupRows([unit("Nordics", 101), unit("Group", 100), unit("New", 102, null)]);
  expect(names(group)).toEqual(["Group", "└ Nordics", "└ New"]);
  expect(group?.tenantHost).toBe("mctenant.auth.marketingcloudapis.com");
});

test("a business unit says what it is, its tenant's host being the group's", () => {
  const named = { ...unit("Nordics", 101), orgName: "Acme Nordics AS" };
  const [group] = groupRows([unit("Group", 100), named, { ...unit("DACH", 102), orgName: "DACH" }]);
  expect(group?.rows.map((row) => row.under)).toEqual([
    "Parent unit",
    "Acme Nordics AS",
    "Business unit",
  ]);
});

test("groups keep the server's order, providers apart, and both demos are one group", () => {
  const groups = groupRows([
    unit("Group", 100),
    org("Demo org", { environment: "demo", groupKey: "demo-sf" }),
    org("Acme"),
    org("Demo Marketing Cloud", {
      environment: "demo",
      provider: "marketing-cloud",
      groupKey: "demo-mc",
    }),
  ]);
  expect(groups.map((group) => [group.kind, group.rows.length])).toEqual([
    ["marketing-cloud", 1],
    ["demo", 2],
    ["salesforce", 1],
  ]);
  expect(groups[1]?.name).toBe("Demo");
});

test("the demo's tenant has its units under its parent, and its org stands for itself", () => {
  const demo = { environment: "demo", groupKey: "mcdemo", enterpriseId: 100 } as const;
  const [group] = groupRows([
    { ...unit("Stores", 101, null), ...demo },
    { ...unit("Demo tenant", 100), ...demo },
    org("Demo org", { environment: "demo", groupKey: "demo-sf" }),
  ]);
  expect(names(group)).toEqual(["Demo org", "Demo tenant", "└ Stores"]);
  expect(group?.rows.map((row) => row.under)).toEqual(["acme.my", "Parent unit", "Business unit"]);
});

test("the parent unit is known from a teammate's proof too", () => {
  const [group] = groupRows([
    { ...unit("Nordics", 101, null), enterpriseId: 100 },
    { ...unit("Group", 100, null), enterpriseId: 100 },
  ]);
  expect(names(group)).toEqual(["Group", "└ Nordics"]);
});

test("a group is counted over all pages, with the worst of it", () => {
  const counted = {
    provider: "salesforce",
    groupKey: "acme",
    groupName: "Acme",
    total: 120,
    trouble: 7,
    worst: "missing_scopes",
  } as const;
  expect(groupRows([org("Acme"), sandbox("uat")], [counted])[0]).toMatchObject({
    total: 120,
    trouble: 7,
    worst: "missing_scopes",
  });
  expect(groupRows([org("Acme")])[0]).toMatchObject({ total: 1, trouble: 0, worst: "connected" });
});

test("no connections make no groups", () => {
  expect(groupRows([])).toEqual([]);
});

import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { listConnections } from "#lib/connections/list-connections.ts";
import { type ConnectionQuery, connectionQuerySchema } from "#lib/connections/schema.ts";
import { summarizeConnections } from "#lib/connections/summarize-connections.ts";
import type { Principal } from "#lib/core/principal.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given } = await testStudio();
const dayMs = 24 * 60 * 60 * 1000;

type Row = {
  name: string;
  group: string;
  provider?: "salesforce" | "marketing_cloud";
  environment?: "production" | "sandbox" | "demo";
  grant?: {
    state?: "active" | "needs_reconnect" | "disconnected";
    missing?: string[];
    idleDays?: number;
    failures?: number;
  };
  problem?: string | null;
  orgId?: string;
  accountId?: number;
};

async function stored(principal: Principal, rows: readonly Row[]): Promise<void> {
  const now = deps.clock.now();
  for (const row of rows) {
    const id = randomUUID();
    const isSalesforce = row.provider !== "marketing_cloud";
    await deps.db.connection.create({
      data: {
        id,
        teamId: principal.teamId,
        provider: row.provider ?? "salesforce",
        method: isSalesforce ? "quick" : "public_app",
        name: row.name,
        environment: row.environment ?? "production",
        surfaces: ["web"],
        loginHost: isSalesforce ? "login.salesforce.com" : null,
        tenantSubdomain: isSalesforce ? null : "mc1234567890",
        clientId: "client",
        groupKey: row.group,
        groupName: row.group,
        orgId: row.orgId ?? null,
        accountId: row.accountId ?? null,
        createdById: principal.userId,
        problem: row.problem ?? null,
        problemAt: row.problem ? now : null,
        createdAt: now,
        updatedAt: now,
      },
    });
    if (!row.grant) continue;
    await deps.db.grant.create({
      data: {
        id: randomUUID(),
        teamId: principal.teamId,
        connectionId: id,
        userId: principal.userId,
        state: row.grant.state ?? "active",
        surface: "web",
        missingScopes: row.grant.missing ?? [],
        refreshFailures: row.grant.failures ?? 0,
        providerUserId: "005",
        username: "dana",
        connectedAt: now,
        idleDeadline: new Date(now.getTime() + (row.grant.idleDays ?? 30) * dayMs),
      },
    });
  }
}

const list = (principal: Principal, query: Partial<Record<keyof ConnectionQuery, unknown>> = {}) =>
  listConnections(deps, principal, connectionQuerySchema.parse(query));
const names = (page: { items: { name: string }[] }) => page.items.map((item) => item.name);

test("groups with trouble come first, inside a group production before its sandboxes", async () => {
  const dana = await given.person();
  await stored(dana, [
    { name: "calm", group: "alder", grant: {} },
    { name: "uat", group: "birch", environment: "sandbox", grant: { state: "needs_reconnect" } },
    { name: "dev", group: "birch", environment: "sandbox", grant: {} },
    { name: "birch", group: "birch", grant: {} },
    { name: "trial", group: "demo", environment: "demo", grant: {} },
  ]);
  expect(names(await list(dana))).toEqual(["birch", "uat", "dev", "calm", "trial"]);
});

test("the database's health and the page's health are one decision", async () => {
  const dana = await given.person();
  const states = ["active", "needs_reconnect", "disconnected"] as const;
  const rows = states.flatMap((state) =>
    [[], ["api"]].flatMap((missing) =>
      [1, 6.9, 7, 7.1, 30].flatMap((idleDays) =>
        [0, 2, 3].flatMap((failures) =>
          [null, "app_blocked"].map((problem) => ({
            name: `${state} ${missing.length} ${idleDays} ${failures} ${problem}`,
            group: "one",
            problem,
            grant: { state, missing, idleDays, failures },
          })),
        ),
      ),
    ),
  );
  await stored(dana, [...rows, { name: "none", group: "one" }]);
  const all = await list(dana, { limit: 200 });
  expect(all.items).toHaveLength(181);
  const summary = await summarizeConnections(deps, dana);
  for (const [kind, count] of Object.entries(summary.health)) {
    const shown = all.items.filter((item) => item.health === kind).map((item) => item.name);
    expect(shown, kind).toHaveLength(count);
    const filtered = await list(dana, { health: [kind], limit: 200 });
    expect(names(filtered).sort(), kind).toEqual(shown.sort());
  }
});

test("a list is found by name, org id and MID however it is spaced", async () => {
  const dana = await given.person();
  await stored(dana, [
    { name: "Halden 100%", group: "halden", orgId: "00D5j00000B7xQmEAJ" },
    { name: "Nordics", group: "mc1", provider: "marketing_cloud", accountId: 514012388 },
  ]);
  expect(names(await list(dana, { q: "00d5j00000b7" }))).toEqual(["Halden 100%"]);
  expect(names(await list(dana, { q: "514 012 388" }))).toEqual(["Nordics"]);
  expect(names(await list(dana, { q: "100%" }))).toEqual(["Halden 100%"]);
  expect(names(await list(dana, { q: "_" }))).toEqual([]);
  expect(names(await list(dana, { provider: "marketing-cloud" }))).toEqual(["Nordics"]);
});

test("pages follow each other without a gap or a repeat", async () => {
  const dana = await given.person();
  const rows = Array.from({ length: 23 }, (_, i) => ({ name: `org ${i}`, group: `g${i % 5}` }));
  await stored(dana, rows);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(dana, { limit: 10, ...(cursor ? { cursor } : {}) });
    expect(page.total).toBe(23);
    seen.push(...names(page));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(new Set(seen).size).toBe(23);
  expect(seen).toHaveLength(23);
  await expect(list(dana, { cursor: "drop table" })).rejects.toMatchObject({ status: 400 });
});

test("[TEN-4] a teammate's grant shows by name and state, never as one's own", async () => {
  const dana = await given.person();
  const rosa = await given.person({ teamId: dana.teamId, role: "admin", name: "Rosa" });
  await stored(dana, [{ name: "org", group: "one", grant: {} }]);
  const [item] = (await list(rosa)).items;
  expect(item).toMatchObject({ health: "not_connected", myGrant: null });
  expect(item?.grants).toEqual([
    {
      user: { id: dana.userId, name: "Dana" },
      isMine: false,
      state: "active",
      connectedAt: expect.any(String),
    },
  ]);
});

test("[TEN-2] another team's connections are not there", async () => {
  const dana = await given.person();
  await stored(dana, [{ name: "org", group: "one" }]);
  const stranger = await given.person();
  expect(await list(stranger)).toEqual({ items: [], groups: [], nextCursor: null, total: 0 });
  expect((await summarizeConnections(deps, stranger)).total).toBe(0);
});

test("groups are counted over all pages, named by anybody's proof, and their parent leads", async () => {
  const dana = await given.person();
  const tenant = { provider: "marketing_cloud", group: "mc1234567890" } as const;
  await stored(dana, [
    ...Array.from({ length: 12 }, (_, at) => ({
      ...tenant,
      name: `Unit ${at}`,
      accountId: 101 + at,
      ...(at === 7 ? { grant: { state: "needs_reconnect" as const } } : {}),
    })),
    { ...tenant, name: "Zentrale", accountId: 100 },
    { name: "Quiet", group: "quiet" },
  ]);
  await deps.db.connection.updateMany({
    where: { teamId: dana.teamId, accountId: { in: [100, 105] } },
    data: { enterpriseId: 100, groupName: "Acme" },
  });
  const first = await list(dana, { limit: 5 });
  expect(first.items.map(({ name }) => name)).toEqual([
    "Zentrale",
    "Unit 7",
    "Unit 0",
    "Unit 1",
    "Unit 10",
  ]);
  expect(new Set(first.items.map(({ groupName }) => groupName))).toEqual(new Set(["Acme"]));
  expect(first.groups).toEqual([
    {
      provider: "marketing-cloud",
      groupKey: "mc1234567890",
      groupName: "Acme",
      total: 13,
      trouble: 1,
      worst: "needs_reconnect",
    },
  ]);
  const names: string[] = [];
  for (let cursor: string | undefined = "0"; cursor !== undefined; ) {
    const page = await list(dana, { limit: 5, cursor });
    names.push(...page.items.map(({ name }) => name));
    expect(page.total).toBe(14);
    cursor = page.nextCursor ?? undefined;
  }
  expect([names.length, new Set(names).size, names.at(-1)]).toEqual([14, 14, "Quiet"]);
  const summary = await summarizeConnections(deps, dana);
  expect(summary.byProvider["marketing-cloud"].weave[0]?.groupName).toBe("Acme");
});

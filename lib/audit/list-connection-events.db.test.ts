import { expect, test } from "vitest";
import type { AuditAction } from "#lib/audit/actions.ts";
import { listConnectionEvents } from "#lib/audit/list-connection-events.ts";
import { listEvents } from "#lib/audit/list-events.ts";
import { type AuditEntry, recordEvent } from "#lib/audit/record-event.ts";
import { auditQuerySchema } from "#lib/audit/schema.ts";
import { timelineSql } from "#lib/audit/timeline-repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given, database } = await testStudio();

async function givenConnection(owner: Principal) {
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  const { agentId, keyId } = await givenAgent(deps, owner, { connections: [connectionId] });
  const agent = {
    kind: "agent",
    agentId,
    keyId,
    ownerId: owner.userId,
    teamId: owner.teamId,
  } as const;
  return { connectionId, agent };
}
const record = (entries: readonly Omit<AuditEntry, "result">[]) =>
  inTransaction(deps.db, async (tx) => {
    for (const entry of entries) await recordEvent(tx, deps, { result: "success", ...entry });
  });
const times = <T>(count: number, entry: T): T[] => Array.from({ length: count }, () => entry);
const said = async (principal: Principal, connectionId: string) =>
  (await listConnectionEvents(deps, principal, connectionId)).items.map(
    ({ action, count, isAtLeast }) => `${action} ${count}${isAtLeast ? "+" : ""}`,
  );

test("leases and refreshes between two things that somebody did are a line each, with their number", async () => {
  const owner = await given.person();
  const { connectionId, agent } = await givenConnection(owner);
  const lease = { action: "lease.issued" as AuditAction, principal: agent, connectionId };
  const refreshed = {
    action: "grant.refreshed" as AuditAction,
    principal: null,
    teamId: owner.teamId,
    connectionId,
    onBehalfOf: owner.userId,
  };
  const tested = { action: "grant.tested" as AuditAction, principal: owner, connectionId };
  await record([
    ...times(3, lease),
    refreshed,
    ...times(2, lease),
    tested,
    lease,
    refreshed,
    lease,
  ]);
  expect(await said(owner, connectionId)).toEqual([
    "lease.issued 2",
    "grant.refreshed 1",
    "grant.tested 1",
    "lease.issued 5",
    "grant.refreshed 1",
    "connection.created 1",
  ]);
});

test("a thousand leases and more push nothing away that somebody did", async () => {
  const owner = await given.person();
  const { connectionId, agent } = await givenConnection(owner);
  await record([{ action: "grant.tested", principal: owner, connectionId }]);
  await record(
    times(1_200, { action: "lease.issued" as AuditAction, principal: agent, connectionId }),
  );
  expect(await said(owner, connectionId)).toEqual([
    "lease.issued 1000+",
    "grant.tested 1",
    "connection.created 1",
  ]);
});

test("[TEN-4] a member sees no teammate's leases and refreshes on a timeline, an admin does", async () => {
  const owner = await given.person();
  const admin = await given.person({ teamId: owner.teamId, role: "admin" });
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  const { connectionId, agent } = await givenConnection(owner);
  const of = { teamId: owner.teamId, connectionId };
  await record([
    { action: "lease.issued", principal: agent, connectionId },
    { action: "proxy.write", principal: agent, connectionId },
    { action: "grant.refreshed", principal: null, onBehalfOf: owner.userId, ...of },
    { action: "grant.refreshed", principal: null, onBehalfOf: member.userId, ...of },
    { action: "grant.raw_leases_allowed", principal: owner, connectionId },
  ]);
  expect(await said(member, connectionId)).toEqual([
    "grant.raw_leases_allowed 1",
    "grant.refreshed 1",
    "connection.created 1",
  ]);
  expect(await said(admin, connectionId)).toEqual([
    "grant.raw_leases_allowed 1",
    "grant.refreshed 2",
    "proxy.write 1",
    "lease.issued 1",
    "connection.created 1",
  ]);
});

test("[TEN-1] another team's connection has no timeline", async () => {
  const { connectionId } = await givenConnection(await given.person());
  expect(await said(await given.person(), connectionId)).toEqual([]);
});

test("Activity leaves out leases and refreshes where it is asked to, and nothing that a person did", async () => {
  const owner = await given.person();
  const { connectionId, agent } = await givenConnection(owner);
  await record([
    { action: "lease.issued", principal: agent, connectionId },
    { action: "lease.ended", principal: agent, connectionId },
    { action: "lease.ended", principal: owner, connectionId },
    { action: "grant.refresh_failed", principal: null, teamId: owner.teamId, connectionId },
  ]);
  const actions = async (routine: "true" | "false") =>
    (await listEvents(deps, owner, auditQuerySchema.parse({ routine }))).items.map(
      ({ action, actor }) => `${action} ${actor?.id === owner.userId ? "owner" : "other"}`,
    );
  expect(await actions("false")).toEqual([
    "grant.refresh_failed other",
    "lease.ended owner",
    expect.stringContaining("connection.created"),
  ]);
  expect(await actions("true")).toHaveLength(5);
});

test("a timeline is found by indexes past a hundred thousand leases", async () => {
  const owner = await given.person();
  const { connectionId, agent } = await givenConnection(owner);
  await record([{ action: "grant.tested", principal: owner, connectionId }]);
  await database.pool.query(`
    insert into audit_events (id, team_id, sequence, at, actor_kind, actor_id, action, connection_id,
      on_behalf_of, result, detail, key_id, previous_hash, hash)
    select gen_random_uuid(), '${owner.teamId}', 1000 + n, now(), 'agent', '${agent.agentId}',
      'lease.issued', '${connectionId}', '${owner.userId}', 'success', '{}', 'test', '\\x00', '\\x00'
    from generate_series(1, 100000) n`);
  await database.pool.query("analyze audit_events");
  const timeline = timelineSql(owner, { connectionId, seesAll: true, counted: 1_000, notable: 40 });
  const plan = await deps.db.$queryRaw<{ "QUERY PLAN": string }[]>`explain (analyze) ${timeline}`;
  const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
  // Where a team has few other events, the index over the whole team does as well.
  expect(text).toMatch(
    /using audit_events_(connection_)?notable|on audit_events_(connection_)?notable/,
  );
  // Leases are stepped over by nobody: what is read is what is shown.
  expect(text).not.toMatch(/Rows Removed by Filter: \d{4}/);
  const { items } = await listConnectionEvents(deps, owner, connectionId);
  expect(items.map(({ action }) => action)).toEqual([
    "lease.issued",
    "grant.tested",
    "connection.created",
  ]);
  const page = await listEvents(deps, owner, auditQuerySchema.parse({ routine: "false" }));
  expect(page.items.map(({ action }) => action)).toContain("grant.tested");
});

import { expect, test } from "vitest";
import { recordEvent } from "#lib/audit/record-event.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { listTouched } from "#lib/operator/list-touched.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const minuteMs = 60_000;
const around = () => {
  const now = deps.clock.now().getTime();
  return { since: new Date(now - minuteMs), until: new Date(now + minuteMs), teamId: null };
};

async function connected() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, dana);
  await getConnectionView(deps, principal, connectionId);
  const { id: grantId } = await deps.db.grant.findFirstOrThrow({ where: { connectionId } });
  return { principal, connectionId, grantId };
}

/** As the agents' surface and the refresh write them. */
async function touchedByAgent(one: Awaited<ReturnType<typeof connected>>) {
  const agent: AgentPrincipal = {
    kind: "agent",
    agentId: deps.random.uuid(),
    keyId: deps.random.uuid(),
    teamId: one.principal.teamId,
    ownerId: one.principal.userId,
    mode: "plan",
    budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
    asksForConnections: false,
    connections: new Map(),
  };
  await inTransaction(deps.db, async (tx) => {
    for (let times = 0; times < 3; times++) {
      await recordEvent(tx, deps, {
        action: "lease.issued",
        principal: agent,
        target: { kind: "lease", id: deps.random.uuid() },
        connectionId: one.connectionId,
        result: "success",
      });
    }
    await recordEvent(tx, deps, {
      action: "grant.refreshed",
      principal: null,
      teamId: one.principal.teamId,
      target: { kind: "grant", id: one.grantId },
      connectionId: one.connectionId,
      onBehalfOf: one.principal.userId,
      result: "success",
    });
  });
  return agent;
}

test("[OPS-5] one question tells which grants were opened, leased or refreshed, by whom and when", async () => {
  const [one, other] = [await connected(), await connected()];
  const agent = await touchedByAgent(one);
  await disconnectGrant(deps, one.principal, one.grantId);
  const touches = await listTouched(deps, around());
  const ofOne = touches.filter(({ grantId }) => grantId === one.grantId);
  const named = (action: string) => ofOne.filter((touch) => touch.action === action);
  expect(named("lease.issued")).toMatchObject([
    {
      actorKind: "agent",
      actorId: agent.agentId,
      keyId: agent.keyId,
      ownerId: one.principal.userId,
      times: 3,
    },
  ]);
  expect(named("grant.refreshed")).toMatchObject([{ actorKind: "nobody", times: 1 }]);
  expect(named("grant.connected")).toMatchObject([{ actorId: one.principal.userId }]);
  expect(named("secret.opened").map(({ purpose }) => purpose)).toContain("queue_revocation");
  expect(touches.some(({ grantId }) => grantId === other.grantId)).toBe(true);
});

test("[OPS-5] only the window, and where asked only the team", async () => {
  const one = await connected();
  const inTeam = await listTouched(deps, { ...around(), teamId: one.principal.teamId });
  expect(new Set(inTeam.map(({ teamId }) => teamId))).toEqual(new Set([one.principal.teamId]));
  deps.clock.advanceSeconds(600);
  expect(await listTouched(deps, around())).toEqual([]);
});

test("[AUD-6] that it was asked is in the instance's own chain", async () => {
  await listTouched(deps, around());
  const { rows } = await database.pool.query(
    "select result, detail from audit_events where team_id is null and action = 'studio.touched_listed' order by sequence desc limit 1",
  );
  expect(rows).toMatchObject([{ result: "success", detail: { rows: 0 } }]);
});

import { beforeEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { inTransaction } from "#lib/db/client.ts";
import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";
import { endGrantsOf } from "#lib/grants/end-grants.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given } = studio;
const dana = "dana.kowalczyk@halden.example";
const jonas = "jonas.makela@halden.example";
const revoke = "/services/oauth2/revoke";

beforeEach(() => {
  simulator.log.clear();
  simulator.faults.clear();
});

async function teamOfTwo() {
  const owner = await given.person();
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  const org = await given.connection(owner, givenDefinitions.halden);
  const unit = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, org, dana);
  await studio.connect(member, org, jonas);
  await studio.connect(member, unit, "d.kowalczyk@halden");
  simulator.log.clear();
  return { owner, member, org, unit };
}

test("[TEN-10] ending a person's grants ends theirs alone, at once, and queues their revocation", async () => {
  const { owner, member, org } = await teamOfTwo();
  const waiting = await studio.begin(member, org);
  const held = deps.accessTokens.size;
  const { ended } = await inTransaction(deps.db, (tx) =>
    endGrantsOf(tx, deps, owner, { teamId: owner.teamId, userId: member.userId }),
  );
  expect(ended).toBe(2);
  expect(held - deps.accessTokens.size).toBe(2);
  expect(await deps.db.grant.findMany({ where: { userId: member.userId } })).toMatchObject([
    { state: "disconnected", refreshTokenSealed: null },
    { state: "disconnected", refreshTokenSealed: null },
  ]);
  expect((await getFlowView(deps, member, waiting.flowId)).state).toBe("cancelled");
  expect((await getConnectionView(deps, owner, org)).myGrant?.state).toBe("active");
  expect(simulator.log.requestsTo(revoke)).toEqual([]);
  await attemptDueRevocations(deps);
  expect(simulator.log.requestsTo(revoke)).toHaveLength(1);
  const rows = await deps.db.revocation.findMany({
    where: { userId: member.userId },
    orderBy: { provider: "asc" },
  });
  expect(rows.map(({ provider, state, cause }) => [provider, state, cause])).toEqual([
    ["salesforce", "confirmed", "member_removed"],
    ["marketing_cloud", "not_possible", "member_removed"],
  ]);
});

test("[TEN-10] where the caller's transaction fails, nothing was ended and nothing is revoked", async () => {
  const { owner, member } = await teamOfTwo();
  const of = { teamId: owner.teamId, userId: member.userId };
  const failing = inTransaction(deps.db, async (tx) => {
    await endGrantsOf(tx, deps, owner, of);
    throw new Error("afterwards");
  });
  await expect(failing).rejects.toThrow("afterwards");
  await attemptDueRevocations(deps);
  expect(simulator.log.requestsTo(revoke)).toEqual([]);
  expect(await deps.db.grant.count({ where: { ...of, state: "active" } })).toBe(2);
});

test("[TEN-2] a person's grants in another team are not touched", async () => {
  const { owner, member } = await teamOfTwo();
  const stranger = await given.person();
  const of = { teamId: owner.teamId, userId: member.userId };
  await expect(inTransaction(deps.db, (tx) => endGrantsOf(tx, deps, stranger, of))).rejects.toThrow(
    "another team",
  );
});

test("[RF-13] a sign-in that the provider is just answering does not outlive its person's removal", async () => {
  const { owner, member, org } = await teamOfTwo();
  const flow = await studio.begin(member, org);
  const params = await studio.approve(flow, jonas);
  simulator.log.clear();
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "after-work" },
    { path: "/services/oauth2/token" },
  );
  const late = studio.callback(member, flow, params);
  await held.reached;
  await inTransaction(deps.db, (tx) =>
    endGrantsOf(tx, deps, owner, { teamId: owner.teamId, userId: member.userId }),
  );
  held.release();
  await late;
  await attemptDueRevocations(deps);
  expect(await deps.db.grant.count({ where: { userId: member.userId, state: "active" } })).toBe(0);
  // The one it had, and the one that came too late.
  expect(simulator.log.requestsTo(revoke)).toHaveLength(2);
});

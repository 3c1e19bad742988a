import { afterEach, expect, test } from "vitest";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import { type BeginRequest, type BeginResult, beginRefreshes } from "#lib/grants/begin-refresh.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import {
  type Settlement,
  type SettleResult,
  settlementOf,
  settleRefreshes,
} from "#lib/grants/settle-refresh.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given } = studio;
const dana = "dana.kowalczyk@halden.example";
const tokenPath = "/services/oauth2/token";
simulator.salesforce.settings.processingWindowSeconds = 0;
simulator.salesforce.settings.approvalsPerUser = 1_000;
simulator.salesforce.app(simulator.salesforce.studioClientId).rotation = "strict";

afterEach(() => simulator.log.clear());

async function ended() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, dana);
  const read = async () => (await findOwnGrant(deps.db, principal, connectionId)) as Grant;
  return { read, grant: await read() };
}
const presented = () =>
  simulator.log
    .requestsTo(tokenPath)
    .map(({ body }) => new URLSearchParams(body.toString()).get("refresh_token"));
const requestOf = async ({ id, generation, tokenVersion }: Grant): Promise<BeginRequest> => ({
  grantId: id,
  generation,
  knownVersion: tokenVersion,
  instance: await deps.instance.number(),
  takeOver: null,
});
/** What is given together goes into one transaction. */
const beginnings = createGroupCommit<readonly BeginRequest[], readonly BeginResult[]>({
  pool: deps.hotPool,
  write: async (sql, [requests = []]) => [await beginRefreshes(deps, sql, requests)],
});
const endings = createGroupCommit<readonly Settlement[], readonly SettleResult[]>({
  pool: deps.hotPool,
  write: async (sql, [settlements = []]) => [await settleRefreshes(deps, sql, settlements)],
});
const kindsOf = (results: readonly { kind: string }[]) => results.map(({ kind }) => kind);
const eventsOf = ({ id }: Grant, action: string) =>
  deps.db.auditEvent.count({ where: { targetId: id, action } });

test("[RF-1] callers with an older and the present authorization at once present its token once", async () => {
  const [other, mine] = [await ended(), await ended()];
  deps.clock.advanceSeconds(3_600);
  simulator.log.clear();
  const older = { ...mine.grant, generation: mine.grant.generation - 1 };
  // The first one's transaction runs while the others gather for the next.
  const [first, second, stale, third] = await Promise.allSettled([
    freshAccessToken(deps, other.grant),
    freshAccessToken(deps, mine.grant),
    freshAccessToken(deps, older),
    freshAccessToken(deps, mine.grant),
  ]);
  expect(presented()).toHaveLength(2);
  expect(new Set(presented()).size).toBe(2);
  expect(first).toMatchObject({ status: "fulfilled" });
  expect(second).toMatchObject({ status: "fulfilled", value: { version: 2 } });
  expect(third).toMatchObject({ status: "fulfilled", value: { version: 2 } });
  expect(stale).toMatchObject({ status: "rejected", reason: { code: "grants.refresh_busy" } });
  expect(await mine.read()).toMatchObject({ state: "active", tokenVersion: 2 });
});

test("[RF-1] a grant that is asked for twice in one transaction is begun once", async () => {
  const { grant } = await ended();
  const request = await requestOf(grant);
  const results = await beginnings.add([request, { ...request }]);
  expect(kindsOf(results)).toEqual(["begun", "locked"]);
  expect(await deps.db.refresh.count({ where: { grantId: grant.id } })).toBe(1);
  expect(await eventsOf(grant, "grant.refresh_begun")).toBe(1);
});

test("[RF-2] of two results of a grant in one transaction the late one is not written under the other's intent", async () => {
  const { grant, read } = await ended();
  const [begun] = await beginnings.add([await requestOf(grant)]);
  if (begun?.kind !== "begun") throw new Error("not begun");
  const outcome = {
    kind: "failed",
    as: "transient",
    askedToWaitMs: 0,
    isUncertain: false,
  } as const;
  const mine = settlementOf(deps, begun.refresh, { ...outcome, reason: "rate_limited" });
  const late = settlementOf(deps, begun.refresh, { ...outcome, reason: "provider_down" });
  const results = await endings.add([{ ...late, fence: "1" }, mine]);
  expect(kindsOf(results)).toEqual(["lost", "locked"]);
  expect(kindsOf(await endings.add([mine]))).toEqual(["written"]);
  expect(await read()).toMatchObject({ refreshProblem: "rate_limited" });
  expect(await eventsOf(grant, "grant.refresh_failed")).toBe(1);
});

test("[AUD-1] a result that is brought twice in one transaction is one event", async () => {
  const { grant } = await ended();
  const [begun] = await beginnings.add([await requestOf(grant)]);
  if (begun?.kind !== "begun") throw new Error("not begun");
  const { refresh } = begun;
  const outcome = {
    kind: "rotated",
    refreshToken: refresh.refreshToken,
    reason: "answer_not_trusted",
  } as const;
  const mine = settlementOf(deps, refresh, outcome);
  const results = await endings.add([mine, { ...mine }]);
  expect(kindsOf(results)).toEqual(["written", "locked"]);
  expect(kindsOf(await endings.add([mine]))).toEqual(["written"]);
  expect(await eventsOf(grant, "grant.refreshed")).toBe(1);
});

import { beforeEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";

import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";

import { cancelFlow } from "#lib/grants/cancel-flow.ts";
import { completeFlow } from "#lib/grants/complete-flow.ts";
import { confirmFlow } from "#lib/grants/confirm-flow.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { sweepFlows } from "#lib/grants/sweep-flows.ts";
import { testGrant } from "#lib/grants/test-grant.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { marketingCloudFaults } from "#lib/simulator/marketing-cloud/switches.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given } = studio;
const { halden, haldenUnit } = givenDefinitions;
const dana = "dana.kowalczyk@halden.example";

const tokenRequests = () =>
  simulator.log.requestsTo(/\/services\/oauth2\/token|\/v2\/token/).length;

beforeEach(() => {
  simulator.log.clear();
  simulator.faults.clear();
});

async function salesforceFlow() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, halden);
  const flow = await studio.begin(principal, connectionId);
  const params = await studio.approve(flow, dana);
  return { principal, connectionId, flow, params };
}

test("a Salesforce org is connected, proven and named", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  expect(await studio.callback(principal, flow, params)).toEqual({
    kind: "flow",
    flowId: flow.flowId,
    isEnded: true,
  });
  const view = await getConnectionView(deps, principal, connectionId);
  expect(view).toMatchObject({
    health: "connected",
    groupKey: "haldenoutdoor",
    groupName: "Halden Outdoor",
    host: "haldenoutdoor.my.salesforce.com",
    myGrant: {
      state: "active",
      identity: { username: dana, orgName: "Halden Outdoor" },
      missingScopes: [],
    },
  });
  expect((await getFlowView(deps, principal, flow.flowId)).state).toBe("connected");
});

test("a Marketing Cloud business unit is connected, proven by its MID and named", async () => {
  const principal = await given.person();
  const connectionId = await given.connection(principal, haldenUnit);
  await studio.connect(principal, connectionId, "d.kowalczyk@halden");
  const view = await getConnectionView(deps, principal, connectionId);
  expect(view.myGrant).toMatchObject({
    state: "active",
    identity: { memberId: 514012388, enterpriseId: 514012345, orgName: "Halden Nordics" },
    missingScopes: [],
  });
  expect(view.groupName).toBe("Halden Outdoor");
});

test("[OA-1] each start has a state and a verifier of its own, and the row holds neither", async () => {
  const principal = await given.person();
  const connectionId = await given.connection(principal, halden);
  const flows = [];
  for (let i = 0; i < 15; i += 1) flows.push(await studio.begin(principal, connectionId));
  const urls = flows.map((flow) => new URL(flow.authorizeUrl).searchParams);
  const states = urls.map((params) => params.get("state") ?? "");
  expect(new Set(states).size).toBe(15);
  expect(new Set(urls.map((params) => params.get("code_challenge"))).size).toBe(15);
  for (const state of states) expect(Buffer.from(state, "base64url").byteLength).toBe(32);
  for (const params of urls) expect(params.get("code_challenge_method")).toBe("S256");

  const { rows } = await studio.database.pool.query("select * from flows where user_id = $1", [
    principal.userId,
  ]);
  const dump = JSON.stringify(rows);
  for (const [i, state] of states.entries()) {
    expect(dump).not.toContain(state);
    expect(dump).not.toContain(flows[i]?.binding);
  }
  expect(rows[0]).toMatchObject({
    session_id: principal.sessionId,
    authorize_host: "login.salesforce.com",
    token_host: "login.salesforce.com",
    redirect_uri: "https://studio.meshmesh.example/auth/salesforce-callback",
  });
  expect(rows[0].verifier_sealed).toMatch(/^v1\./);
  const lifeMs = rows[0].expires_at.getTime() - rows[0].created_at.getTime();
  expect(lifeMs).toBeLessThanOrEqual(10 * 60 * 1000);
});

test("[OA-2] fifty parallel copies of one callback, over two studios, cost one token request", async () => {
  const { principal, flow, params } = await salesforceFlow();
  const second = studio.database.another();
  const copies = [deps, { ...deps, db: second }].flatMap((one) =>
    Array.from({ length: 25 }, () =>
      completeFlow(one, principal, {
        provider: "salesforce",
        params,
        binding: () => flow.binding,
      }),
    ),
  );
  const outcomes = await Promise.all(copies);
  await second.$disconnect();
  expect(tokenRequests()).toBe(1);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ flowId: flow.flowId });
  expect((await getFlowView(deps, principal, flow.flowId)).state).toBe("connected");
});

test("[OA-3] a colleague's browser, another session or a missing cookie use nothing up", async () => {
  const { principal, flow, params } = await salesforceFlow();
  const colleague = await given.person({ teamId: principal.teamId, role: "member" });
  const strangers = [
    () => studio.callback(null, flow, params),
    () => studio.callback(colleague, flow, params),
    () => studio.callback({ ...principal, sessionId: colleague.sessionId }, flow, params),
    () => studio.callback(principal, { ...flow, flowId: "other" }, params),
    () => studio.callback(principal, { ...flow, binding: "guess" }, params),
  ];
  for (const callback of strangers) {
    expect(await callback()).toEqual({ kind: "problem", reason: "flow_not_yours" });
  }
  expect(tokenRequests()).toBe(0);
  expect(await studio.callback(principal, flow, params)).toMatchObject({ kind: "flow" });
  expect((await getFlowView(deps, principal, flow.flowId)).state).toBe("connected");
});

test("[OA-4] the code goes to the host noted at the start, whatever the callback says", async () => {
  const { principal, flow, params } = await salesforceFlow();
  params.set("tssd", "mcevil");
  params.set("sfdc_community_url", "https://evil.example");
  params.set("token_endpoint", "https://evil.example/token");
  await studio.callback(principal, flow, params);
  const hosts = new Set(
    simulator.log.requestsTo(/\/services\/oauth2\/token/).map((request) => request.host),
  );
  expect([...hosts]).toEqual(["login.salesforce.com"]);
});

test("[OA-4] an issuer other than the one noted is refused, with a code or an error, and uses nothing up", async () => {
  const { principal, flow, params } = await salesforceFlow();
  const state = params.get("state") ?? "";
  for (const lie of [
    new URLSearchParams([...params, ["iss", "https://evil.example"]]),
    new URLSearchParams({ error: "access_denied", state, iss: "https://evil.example" }),
    new URLSearchParams([...params, ["iss", ""]]),
  ]) {
    expect(await studio.callback(principal, flow, lie)).toEqual({
      kind: "problem",
      reason: "answer_not_trusted",
    });
  }
  expect(tokenRequests()).toBe(0);
  params.set("iss", "https://login.salesforce.com");
  await studio.callback(principal, flow, params);
  expect((await getFlowView(deps, principal, flow.flowId)).state).toBe("connected");
});

test("[OA-4] a repeated parameter is refused and uses nothing up", async () => {
  const { principal, flow, params } = await salesforceFlow();
  const twice = new URLSearchParams(params);
  twice.append("code", "another");
  expect(await studio.callback(principal, flow, twice)).toEqual({
    kind: "problem",
    reason: "flow_unknown",
  });
  expect(tokenRequests()).toBe(0);
  expect(await studio.callback(principal, flow, params)).toMatchObject({ kind: "flow" });
});

test("[OA-5] a flow of one provider is void on the other's path", async () => {
  const { principal, flow, params } = await salesforceFlow();
  expect(await studio.callback(principal, flow, params, "marketing-cloud")).toEqual({
    kind: "problem",
    reason: "flow_unknown",
  });
  expect(tokenRequests()).toBe(0);
});

test("[OA-8] another person than before is shown and stored only after the owner's word", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  const before = await getConnectionView(deps, principal, connectionId);

  const again = await studio.connect(principal, connectionId, "jonas.makela@halden.example");
  const waiting = await getFlowView(deps, principal, again.flowId);
  expect(waiting).toMatchObject({
    state: "needs_confirmation",
    identities: { before: { username: dana }, now: { username: "jonas.makela@halden.example" } },
  });
  const meanwhile = await getConnectionView(deps, principal, connectionId);
  expect(meanwhile.myGrant?.identity.username).toBe(dana);

  await confirmFlow(deps, principal, again.flowId);
  const after = await getConnectionView(deps, principal, connectionId);
  expect(after.myGrant?.id).toBe(before.myGrant?.id);
  expect(after.myGrant?.identity.username).toBe("jonas.makela@halden.example");
  // Dana's access token must not serve Jonas' grant, and her refresh token is not left behind.
  expect(await testGrant(deps, principal, after.myGrant?.id ?? "")).toMatchObject({ ok: true });
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
});

test("[OA-8] an unanswered question about another person ends after an hour", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  const again = await studio.connect(principal, connectionId, "jonas.makela@halden.example");
  deps.clock.advanceSeconds(3601);
  expect((await getFlowView(deps, principal, again.flowId)).state).toBe("expired");
  await expect(confirmFlow(deps, principal, again.flowId)).rejects.toMatchObject({ status: 409 });
  simulator.log.clear();
  await sweepFlows(deps);
  await attemptDueRevocations(deps);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
  const row = await deps.db.flow.findUniqueOrThrow({ where: { id: again.flowId } });
  expect(row).toMatchObject({ status: "expired", pendingRefreshTokenSealed: null, pending: null });
});

test("a new sign-in takes the place of one that waits for a word, and waits for no provider", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  const again = await studio.connect(principal, connectionId, "jonas.makela@halden.example");
  simulator.log.clear();
  await studio.begin(principal, connectionId);
  expect(simulator.log.all()).toEqual([]);
  await expect(confirmFlow(deps, principal, again.flowId)).rejects.toMatchObject({ status: 409 });
  await sweepFlows(deps);
  await attemptDueRevocations(deps);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
});

test("a word given while the same flow is cancelled is one or the other, never a revoked grant", async () => {
  for (let i = 0; i < 6; i += 1) {
    const { principal, connectionId, flow, params } = await salesforceFlow();
    await studio.callback(principal, flow, params);
    const again = await studio.connect(principal, connectionId, "jonas.makela@halden.example");
    const [confirmed] = await Promise.allSettled([
      confirmFlow(deps, principal, again.flowId),
      cancelFlow(deps, principal, again.flowId),
    ]);
    await cancelFlow(deps, principal, again.flowId);
    const { myGrant } = await getConnectionView(deps, principal, connectionId);
    const isJonas = myGrant?.identity.username === "jonas.makela@halden.example";
    expect(isJonas).toBe(confirmed.status === "fulfilled");
    // Whichever it is, exactly one token is ended: the one that is not used.
    const revoked = simulator.log.requestsTo("/services/oauth2/revoke");
    expect(revoked).toHaveLength(1);
    simulator.log.clear();
  }
});

test("[OA-8] two first sign-ins at once into two orgs leave the definition with one", async () => {
  const owner = await given.person();
  const colleague = await given.person({ teamId: owner.teamId, role: "member" });
  const connectionId = await given.connection(owner, halden);
  const [first, second] = [
    await studio.begin(owner, connectionId),
    await studio.begin(colleague, connectionId),
  ];
  const toHalden = await studio.approve(first, dana);
  const toBrightwater = await studio.approve(second, "grace.adeyemi@brightwatercu.example");
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "after-work" },
    { path: "/services/oauth2/userinfo", times: 1 },
  );
  const coming = studio.callback(owner, first, toHalden);
  await held.reached;
  await studio.callback(colleague, second, toBrightwater);
  held.release();
  await coming;
  const grants = await deps.db.grant.findMany({ where: { connectionId } });
  expect(grants.map(({ username }) => username)).toEqual(["grace.adeyemi@brightwatercu.example"]);
  expect((await getFlowView(deps, owner, first.flowId)).reason).toBe("wrong_identity");
});

test("[OA-8] a word for another org comes too late once a teammate uses the first", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  const again = await studio.connect(
    principal,
    connectionId,
    "grace.adeyemi@brightwatercu.example",
  );
  const colleague = await given.person({ teamId: principal.teamId, role: "member" });
  await studio.connect(colleague, connectionId, "jonas.makela@halden.example");
  await confirmFlow(deps, principal, again.flowId);
  expect(await getFlowView(deps, principal, again.flowId)).toMatchObject({
    state: "failed",
    reason: "wrong_identity",
  });
  const view = await getConnectionView(deps, principal, connectionId);
  expect([view.orgName, view.myGrant?.identity.username]).toEqual(["Halden Outdoor", dana]);
});

test("[OA-8] nobody turns the team's connection into another org while a teammate uses it", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  const before = await getConnectionView(deps, principal, connectionId);
  const colleague = await given.person({ teamId: principal.teamId, role: "member" });
  const other = await studio.connect(
    colleague,
    connectionId,
    "grace.adeyemi@brightwatercu.example",
  );
  expect(await getFlowView(deps, colleague, other.flowId)).toMatchObject({
    state: "failed",
    reason: "wrong_identity",
  });
  expect(await getConnectionView(deps, principal, connectionId)).toEqual(before);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
});

test("[RF-15] a replaced token whose end is not confirmed is kept, and asked for again", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  const down = simulator.faults.set(
    wireFaults.cut,
    { stage: "before-work" },
    { path: "/services/oauth2/revoke" },
  );
  await studio.connect(principal, connectionId, dana);
  down.clear();
  simulator.log.clear();
  deps.clock.advanceSeconds(60);
  await attemptDueRevocations(deps);
  await attemptDueRevocations(deps);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  expect(await testGrant(deps, principal, myGrant?.id ?? "")).toMatchObject({ ok: true });
});

test("[RF-15] a reconnect revokes the token that it takes the place of", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  simulator.log.clear();
  await studio.connect(principal, connectionId, dana);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  expect(await testGrant(deps, principal, myGrant?.id ?? "")).toMatchObject({ ok: true });
});

test("an exchange that was cut off by a kill ends as interrupted, with its event", async () => {
  const { principal, flow } = await salesforceFlow();
  // What a killed process leaves: claimed, and nobody at work.
  await deps.db.flow.update({
    where: { id: flow.flowId },
    data: { status: "exchanging", claimedAt: deps.clock.now() },
  });
  deps.clock.advanceSeconds(91);
  expect(await getFlowView(deps, principal, flow.flowId)).toMatchObject({
    state: "failed",
    reason: "flow_interrupted",
  });
  await sweepFlows(deps);
  const events = await deps.db.auditEvent.findMany({ where: { targetId: flow.flowId } });
  expect(events.map(({ action }) => action)).toEqual(["flow.begun", "flow.failed"]);
});

test("[RF-9] the access token's life counts from the answer, not from the end of the proof", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "after-work" },
    { path: "/services/oauth2/userinfo" },
  );
  const coming = studio.callback(principal, flow, params);
  await held.reached;
  deps.clock.advanceSeconds(5 * 60);
  held.release();
  await coming;
  deps.clock.advanceSeconds(10 * 60);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  simulator.log.clear();
  expect(await testGrant(deps, principal, myGrant?.id ?? "")).toMatchObject({ ok: true });
  expect(simulator.log.requestsTo("/services/oauth2/token")).toHaveLength(1);
});

test("[OA-8] refusing another person keeps the grant and revokes what was not wanted", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  await studio.callback(principal, flow, params);
  const again = await studio.connect(principal, connectionId, "jonas.makela@halden.example");
  simulator.log.clear();
  await cancelFlow(deps, principal, again.flowId);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
  const view = await getConnectionView(deps, principal, connectionId);
  expect(view.myGrant?.identity.username).toBe(dana);
  await expect(confirmFlow(deps, principal, again.flowId)).rejects.toMatchObject({
    code: "grants.flow_moved_on",
  });
});

test("[OA-12] an exchange whose answer was lost is not repeated; the person starts again", async () => {
  for (const stage of ["before-work", "after-work", "mid-body"] as const) {
    const { principal, connectionId, flow, params } = await salesforceFlow();
    simulator.log.clear();
    const fault = simulator.faults.set(
      wireFaults.cut,
      { stage },
      { path: "/services/oauth2/token" },
    );
    await studio.callback(principal, flow, params);
    await studio.callback(principal, flow, params);
    expect(tokenRequests(), stage).toBe(1);
    expect((await getFlowView(deps, principal, flow.flowId)).reason).toBe("provider_down");
    fault.clear();
    await studio.connect(principal, connectionId, dana);
    expect((await getConnectionView(deps, principal, connectionId)).health).toBe("connected");
  }
});

test("[OA-13] with a provider that ignores PKCE the other rules alone still hold", async () => {
  simulator.faults.set(salesforceFaults.pkceIgnored, true);
  const victim = await salesforceFlow();
  const attacker = await given.person();
  const own = await studio.begin(attacker, await given.connection(attacker, halden));
  // The attacker's code, brought to the victim's flow, has another state: it finds no flow of theirs.
  const injected = new URLSearchParams(victim.params);
  injected.set("state", new URL(own.authorizeUrl).searchParams.get("state") ?? "");
  expect(await studio.callback(victim.principal, victim.flow, injected)).toEqual({
    kind: "problem",
    reason: "flow_not_yours",
  });
  const copies = Array.from({ length: 10 }, () =>
    studio.callback(victim.principal, victim.flow, victim.params),
  );
  await Promise.all(copies);
  expect(tokenRequests()).toBe(1);
});

test("a flow that ran out is void, and says so", async () => {
  const { principal, flow, params } = await salesforceFlow();
  deps.clock.advanceSeconds(601);
  await studio.callback(principal, flow, params);
  expect(tokenRequests()).toBe(0);
  expect((await getFlowView(deps, principal, flow.flowId)).state).toBe("expired");
});

test("a cancelled flow is void for a later callback", async () => {
  const { principal, flow, params } = await salesforceFlow();
  await cancelFlow(deps, principal, flow.flowId);
  await studio.callback(principal, flow, params);
  expect(tokenRequests()).toBe(0);
  expect((await getFlowView(deps, principal, flow.flowId)).state).toBe("cancelled");
});

test("a flow cancelled while the provider works drops the late result and revokes it", async () => {
  const { principal, connectionId, flow, params } = await salesforceFlow();
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "after-work" },
    { path: "/services/oauth2/token" },
  );
  const late = studio.callback(principal, flow, params);
  await held.reached;
  await cancelFlow(deps, principal, flow.flowId);
  held.release();
  await late;
  expect((await getConnectionView(deps, principal, connectionId)).myGrant).toBeNull();
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
});

test("[TEN-2] a teammate's flow answers as an absent one", async () => {
  const { principal, flow } = await salesforceFlow();
  const colleague = await given.person({ teamId: principal.teamId, role: "admin" });
  await expect(getFlowView(deps, colleague, flow.flowId)).rejects.toMatchObject({ status: 404 });
  await expect(cancelFlow(deps, colleague, flow.flowId)).rejects.toMatchObject({ status: 404 });
});

test("a business unit other than the asked one fails, and says which", async () => {
  const principal = await given.person();
  const connectionId = await given.connection(principal, haldenUnit);
  simulator.faults.set(marketingCloudFaults.accountId, "ignore");
  simulator.faults.set(marketingCloudFaults.signedInMid, 514012391);
  const flow = await studio.begin(principal, connectionId);
  const params = await studio.approve(flow, "d.kowalczyk@halden");
  await studio.callback(principal, flow, params, "marketing-cloud");
  expect(await getFlowView(deps, principal, flow.flowId)).toMatchObject({
    state: "failed",
    reason: "wrong_business_unit",
    providerCode: "MID 514012391",
  });
  expect((await getConnectionView(deps, principal, connectionId)).myGrant).toBeNull();
});

test("[OA-15] thirty beginnings at once open twenty flows, and the others are told to wait", async () => {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  const begun = await Promise.allSettled(
    Array.from({ length: 30 }, () => studio.begin(principal, connectionId)),
  );
  const refused = begun.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
  expect(refused).toEqual(Array.from({ length: 10 }, () => "grants.too_many_flows"));
  expect(await deps.db.flow.count({ where: { userId: principal.userId } })).toBe(20);
});

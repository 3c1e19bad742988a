import { expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { cancelFlow } from "#lib/grants/cancel-flow.ts";
import { deleteConnection } from "#lib/grants/delete-connection.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { testGrant } from "#lib/grants/test-grant.ts";
import { loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database, simulator } = studio;
const dana = "dana.kowalczyk@halden.example";

const actions = async (teamId: string) =>
  (await deps.db.auditEvent.findMany({ where: { teamId }, orderBy: { sequence: "asc" } })).map(
    ({ action, result }) => `${action} ${result}`,
  );

test("[AUD-1] each change of a connection's life leaves its event", async () => {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  await cancelFlow(deps, owner, (await studio.begin(owner, connectionId)).flowId);
  await studio.connect(owner, connectionId, dana);
  const { myGrant } = await getConnectionView(deps, owner, connectionId);
  await testGrant(deps, owner, myGrant?.id ?? "");
  await editConnection(deps, owner, connectionId, { voids: 0, name: "Halden" });
  await disconnectGrant(deps, owner, myGrant?.id ?? "");
  await deleteConnection(deps, owner, connectionId);
  expect(await actions(owner.teamId)).toEqual([
    "connection.created success",
    "flow.begun success",
    "flow.cancelled success",
    "flow.begun success",
    "flow.claimed intent",
    "secret.opened success", // the verifier, for the exchange
    "grant.connected success",
    "grant.tested success",
    "connection.renamed success",
    "secret.opened success", // the refresh token, to move it to its revocation
    "grant.disconnected success",
    "secret.opened success", // and to ask for its end
    "grant.revocation_attempted success",
    "connection.deleted success",
  ]);
});

test("[VA-11] every opening of a secret is an event with its purpose", async () => {
  const owner = await given.person();
  const connectionId = await given.connection(owner, {
    ...givenDefinitions.halden,
    method: "custom-app",
    clientId: "3MVG9HaldenLocalOnly.eca.000000000000000000002",
    clientSecret: "a secret of the customer's app",
  });
  await studio.connect(owner, connectionId, dana);
  const opened = await deps.db.auditEvent.findMany({
    where: { teamId: owner.teamId, action: "secret.opened" },
    orderBy: { sequence: "asc" },
  });
  expect(opened.map((event) => event.detail)).toEqual([
    { purpose: "code_exchange", kind: "code_verifier" },
    { purpose: "code_exchange", kind: "client_secret" },
  ]);
});

test("[AUD-2] where the event cannot be written, the action does not happen", async () => {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  const flow = await studio.begin(owner, connectionId);
  const params = await studio.approve(flow, dana);
  await studio.connect(owner, connectionId, dana);
  const before = await getConnectionView(deps, owner, connectionId);
  simulator.log.clear();
  await database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'audit is full'; end $$;
    create trigger refuse before insert on audit_events for each row execute function refuse();`);
  try {
    await expect(given.connection(owner, givenDefinitions.haldenUnit)).rejects.toThrow();
    await expect(
      editConnection(deps, owner, connectionId, { voids: 0, name: "x" }),
    ).rejects.toThrow();
    await expect(studio.begin(owner, connectionId)).rejects.toThrow();
    await expect(studio.callback(owner, flow, params)).rejects.toThrow();
    await expect(disconnectGrant(deps, owner, before.myGrant?.id ?? "")).rejects.toThrow();
  } finally {
    await database.pool.query("drop trigger refuse on audit_events; drop function refuse()");
  }
  // Neither a token request nor a revocation left: the verifier and the token were not opened.
  expect(simulator.log.requestsTo(/oauth2\/(token|revoke)/)).toEqual([]);
  expect(await getConnectionView(deps, owner, connectionId)).toEqual(before);
  expect(await deps.db.connection.count({ where: { teamId: owner.teamId } })).toBe(1);
  expect(await deps.db.flow.count({ where: { userId: owner.userId } })).toBe(2);
});

test("[AUD-5] no event holds a code, a verifier or a token", async () => {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  simulator.log.clear();
  await studio.connect(owner, connectionId, dana);
  const { myGrant } = await getConnectionView(deps, owner, connectionId);
  await disconnectGrant(deps, owner, myGrant?.id ?? "");
  const secrets = simulator.log.all().flatMap((request) => {
    const form = new URLSearchParams(request.body.toString("utf8"));
    const names = ["code", "code_verifier", "token", "refresh_token"];
    const bearer = loggedHeader(request, "authorization")?.replace("Bearer ", "");
    return [...names.map((name) => form.get(name)), bearer].filter((value) => value != null);
  });
  expect(new Set(secrets).size).toBeGreaterThanOrEqual(4);
  const { rows } = await database.pool.query("select * from audit_events");
  const dump = JSON.stringify(rows);
  for (const secret of secrets) expect(dump).not.toContain(secret);
});

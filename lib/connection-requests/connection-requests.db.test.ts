import { expect, test } from "vitest";
import { deleteAgent } from "#lib/agents/delete-agent.ts";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { agentPatchSchema } from "#lib/agents/schema.ts";
import { answerRequest } from "#lib/connection-requests/answer-request.ts";
import {
  AskingNotAllowedError,
  RequestOverError,
  TooManyRequestsError,
} from "#lib/connection-requests/errors.ts";
import { expireRequests } from "#lib/connection-requests/expire-requests.ts";
import { countWaitingRequests, listRequests } from "#lib/connection-requests/list-requests.ts";
import { RAISED_MOST, raiseRequest, WAITING_MOST } from "#lib/connection-requests/raise-request.ts";
import {
  type RequestAnswer,
  type RequestInput,
  requestQuerySchema,
} from "#lib/connection-requests/schema.ts";
import { waitForAnswer } from "#lib/connection-requests/wait-for-answer.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal, Principal } from "#lib/core/principal.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { type GivenAgent, givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database, settingsOfAnother } = studio;
const agents = await listenForAgents(deps);

const dana = "dana.kowalczyk@halden.example";
const path = "/api/broker/connection-requests";
const moveMinutes = (minutes: number) => deps.clock.advanceSeconds(minutes * 60);

const principalOf = (owner: Principal, { agentId, keyId }: GivenAgent): AgentPrincipal => ({
  kind: "agent",
  agentId,
  keyId,
  teamId: owner.teamId,
  ownerId: owner.userId,
  mode: "plan",
  budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
  asksForConnections: true,
  connections: new Map(),
});
async function givenAsker(options: Parameters<typeof givenAgent>[2] = {}) {
  const owner = await given.person();
  const agent = await givenAgent(deps, owner, options);
  const principal = principalOf(owner, agent);
  return {
    owner,
    ...agent,
    principal,
    raise: (input: RequestInput = {}) => raiseRequest(deps, principal, input),
    answer: (id: string, answer: RequestAnswer) => answerRequest(deps, owner, id, answer),
  };
}
const listOf = async (person: Principal, query: object = {}) =>
  listRequests(deps, person, requestQuerySchema.parse(query));
const eventsOf = (agentId: string) =>
  deps.db.auditEvent.findMany({ where: { targetId: agentId }, orderBy: { sequence: "asc" } });

test("calls that come at once for the same raise one request, which only its owner is asked", async () => {
  const { owner, raise } = await givenAsker();
  const colleague = await given.person({ teamId: owner.teamId, role: "admin", secondFactor: true });
  const raised = await Promise.all(
    Array.from({ length: 8 }, () => raise({ provider: "salesforce", reason: " Open cases " })),
  );
  expect(new Set(raised.map(({ id }) => id)).size).toBe(1);
  const other = await raise({ provider: "marketing-cloud" });
  const list = await listOf(owner);
  expect(list.items.map(({ id }) => id).sort()).toEqual([raised[0]?.id, other.id].sort());
  expect(list.waiting).toBe(2);
  expect(list.items.find(({ id }) => id === raised[0]?.id)).toMatchObject({
    state: "waiting",
    provider: "salesforce",
    reason: "Open cases",
    agent: { name: "Nightly report" },
  });
  expect(await listOf(colleague)).toEqual({ items: [], nextCursor: null, waiting: 0 });
  expect(await countWaitingRequests(deps, colleague)).toBe(0);
});

test("an agent that may not ask is refused, and one whose owner has enough before them too", async () => {
  const { owner, agentId, raise, answer } = await givenAsker();
  for (let each = 0; each < WAITING_MOST; each += 1) await raise({ reason: `Number ${each}` });
  await expect(raise({ reason: "One more" })).rejects.toThrow(TooManyRequestsError);
  // What waits already may still be asked for.
  expect(await raise({ reason: "Number 0" })).toMatchObject({ state: "waiting" });
  const { items } = await listOf(owner);
  for (const { id } of items) await answer(id, { decline: true });
  for (let each = WAITING_MOST; each < RAISED_MOST; each += 1) {
    const { id } = await raise({ reason: "Please" });
    await answer(id, { decline: true });
  }
  await expect(raise()).rejects.toThrow(TooManyRequestsError);
  moveMinutes(61);
  expect(await raise()).toMatchObject({ state: "waiting" });
  await deps.db.agent.update({ where: { id: agentId }, data: { asksForConnections: false } });
  await expect(raise({ reason: "Other" })).rejects.toThrow(AskingNotAllowedError);
});

test("a request names an operation of the registry and its provider, or none", async () => {
  const { raise } = await givenAsker();
  for (const input of [
    { operationId: "salesforce.everything.delete" },
    { operationId: "x".repeat(101) },
    { provider: "hubspot" },
    { reason: "a\u202eb" },
    { agentId: "00000000-0000-4000-8000-000000000000" },
  ]) {
    await expect(raise(input as RequestInput)).rejects.toThrow(InvalidInputError);
  }
});

test("[AUD-1] the owner's answer gives the agent the connection, once, with the events of both", async () => {
  const { owner, agentId, raise, answer } = await givenAsker({ mode: "plan" });
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  const request = await raise({ provider: "salesforce", reason: "Words of an agent" });
  const other = await given.connection(owner, givenDefinitions.haldenUnit);
  await expect(answer(request.id, { connectionId: other })).rejects.toThrow(InvalidInputError);
  const answers = await Promise.allSettled(
    Array.from({ length: 4 }, () => answer(request.id, { connectionId })),
  );
  const done = answers.filter(({ status }) => status === "fulfilled");
  expect(done).toHaveLength(1);
  for (const each of answers) {
    if (each.status === "rejected") expect(each.reason).toBeInstanceOf(RequestOverError);
  }
  expect(done[0]).toMatchObject({
    value: { state: "answered", connection: { id: connectionId, state: "not_connected" } },
  });
  const reaches = await deps.db.agentConnection.findMany({ where: { agentId } });
  expect(reaches).toEqual([{ agentId, connectionId, directWritesUntil: null }]);
  const events = await eventsOf(agentId);
  expect(events.map(({ action }) => action)).toEqual([
    "connection_request.raised",
    "agent.edited",
    "connection_request.answered",
  ]);
  expect(events[1]?.detail).toMatchObject({ added: [connectionId] });
  expect(events[2]).toMatchObject({ actorId: owner.userId, connectionId });
  expect(JSON.stringify(events.map(({ detail }) => detail))).not.toContain("Words of an agent");
});

test("[TEN-2] a request of others answers as an absent one, and so does a connection of others", async () => {
  const asked = await givenAsker();
  const admin = await given.person({
    teamId: asked.owner.teamId,
    role: "admin",
    secondFactor: true,
  });
  const stranger = await given.person();
  const theirs = await given.connection(stranger, givenDefinitions.halden);
  const { id } = await asked.raise();
  for (const person of [admin, stranger]) {
    await expect(answerRequest(deps, person, id, { decline: true })).rejects.toThrow(NotFoundError);
  }
  const absent = "00000000-0000-4000-8000-000000000000";
  const refusals = await Promise.all(
    [theirs, absent].map((connectionId) =>
      asked.answer(id, { connectionId }).then(
        () => "taken",
        (error: Error) => `${error.name} ${error.message}`,
      ),
    ),
  );
  expect(refusals[0]).toBe(refusals[1]);
  expect(refusals[0]).not.toBe("taken");
  const another = await givenAgent(deps, asked.owner);
  const foreign = await agents.call(`${path}/${id}`, { credential: another.key });
  const none = await agents.call(`${path}/${absent}`, { credential: another.key });
  expect([foreign.status, foreign.body.code]).toEqual([404, none.body.code]);
});

test("a call that waits on another instance goes on as soon as its owner has answered", async () => {
  const { owner, key, answer } = await givenAsker();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  await studio.connect(owner, connectionId, dana);
  const raised = await agents.call(path, {
    method: "POST",
    credential: key,
    json: { provider: "salesforce", reason: "Count the open cases" },
  });
  expect(raised.status).toBe(202);
  expect(raised.body).toMatchObject({
    state: "waiting",
    isReady: false,
    url: `${deps.studioUrl}/agents/requests?request=${raised.body.id}`,
  });
  const other = startOtherProcess(settingsOfAnother, { do: "serve" });
  const { value: [told] = [] } = await other.told.next();
  const { port } = told as { port: number };
  const waits = fetch(`http://127.0.0.1:${port}${path}/${raised.body.id}?waitSeconds=25`, {
    headers: { authorization: `Bearer ${key}` },
  });
  await answer(String(raised.body.id), { connectionId });
  expect(await (await waits).json()).toMatchObject({
    state: "answered",
    isReady: true,
    connection: { id: connectionId, state: "active" },
  });
  const list = await agents.call("/api/broker/connections", { credential: key });
  expect(list.body.items).toMatchObject([{ id: connectionId, state: "active" }]);
});

test("a call waits on until its owner has signed in where they are not connected yet", async () => {
  const { owner, principal, raise, answer } = await givenAsker();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  const { id } = await raise();
  const waits = waitForAnswer(deps, principal, id, { waitSeconds: 25 });
  expect(await answer(id, { connectionId })).toMatchObject({
    connection: { state: "not_connected" },
  });
  expect(await waitForAnswer(deps, principal, id)).toMatchObject({
    state: "answered",
    isReady: false,
  });
  await studio.connect(owner, connectionId, dana);
  expect(await waits).toMatchObject({ isReady: true, connection: { state: "active" } });
});

test("a no and the end of its time are told at once, and the time is noted by the job", async () => {
  const { owner, agentId, principal, raise, answer } = await givenAsker();
  const declined = await raise({ reason: "First" });
  const waits = waitForAnswer(deps, principal, declined.id, { waitSeconds: 25 });
  await answer(declined.id, { decline: true });
  expect(await waits).toMatchObject({ state: "declined", connection: null });
  const late = await raise({ reason: "Second" });
  moveMinutes(30);
  expect(await waitForAnswer(deps, principal, late.id, { waitSeconds: 25 })).toMatchObject({
    state: "expired",
  });
  await expect(answer(late.id, { decline: true })).rejects.toThrow(RequestOverError);
  expect(await countWaitingRequests(deps, owner)).toBe(0);
  await expireRequests(deps);
  await expireRequests(deps);
  const actions = (await eventsOf(agentId)).map(({ action }) => action);
  expect(actions.filter((action) => action === "connection_request.expired")).toHaveLength(1);
  // And may be asked again.
  expect((await raise({ reason: "Second" })).id).not.toBe(late.id);
});

test("[BRK-11] whoever waits is sent away when their key is revoked, and when their agent ends", async () => {
  for (const end of ["key", "agent"] as const) {
    const { owner, agentId, keyId, principal, raise } = await givenAsker();
    const { id } = await raise();
    const waits = waitForAnswer(deps, principal, id, { waitSeconds: 25 });
    const refused = expect(waits).rejects.toThrow(NotFoundError);
    await deps.changes.current();
    if (end === "agent") await deleteAgent(deps, owner, agentId);
    else {
      const now = deps.clock.now();
      await deps.db.agentKey.update({ where: { id: keyId }, data: { revokedAt: now } });
      await editAgent(deps, owner, agentId, agentPatchSchema.parse({ name: "Said anew" }));
    }
    await refused;
  }
});

test("[OPS-1] whoever waits is answered with how it stands when the studio stops", async () => {
  const { principal, raise } = await givenAsker();
  const { id } = await raise();
  const stopping = new AbortController();
  const waits = waitForAnswer(deps, principal, id, { waitSeconds: 25, signal: stopping.signal });
  stopping.abort();
  expect(await waits).toMatchObject({ state: "waiting" });
});

test("requests are listed by the page, those that wait first", async () => {
  const { owner, raise, answer } = await givenAsker();
  const ids: string[] = [];
  for (const reason of ["1", "2", "3", "4", "5"]) {
    deps.clock.advanceSeconds(1);
    ids.push((await raise({ reason })).id);
  }
  const [first = "", second = "", third = "", fourth = "", fifth = ""] = ids;
  await answer(fourth, { decline: true });
  await answer(fifth, { decline: true });
  const seen: string[] = [];
  for (let cursor: string | null = null, pages = 0; pages === 0 || cursor !== null; pages += 1) {
    const page: Awaited<ReturnType<typeof listOf>> = await listOf(owner, {
      limit: 2,
      ...(cursor === null ? {} : { cursor }),
    });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual([third, second, first, fifth, fourth]);
  const waiting = await listOf(owner, { state: "waiting" });
  expect(waiting.items.map(({ id }) => id)).toEqual([third, second, first]);
});

test("a request that is kept holds no more than what was asked", async () => {
  const { raise } = await givenAsker();
  const { id } = await raise({ reason: "Kept" });
  const { rows } = await database.pool.query("select * from connection_requests where id = $1", [
    id,
  ]);
  expect(rows[0]).toMatchObject({ reason: "Kept", state: "waiting", connection_id: null });
});

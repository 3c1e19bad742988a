import { type IncomingMessage, request } from "node:http";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { revokeKey } from "#lib/agents/revoke-key.ts";
import type { Egress } from "#lib/egress/egress.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { type LoggedRequest, loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenAtOwnOrigin } from "#lib/testing/proxy.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const bodies: Readable[] = [];
const signals: (AbortSignal | undefined)[] = [];
const watched: Egress = {
  ...deps.egress,
  async stream(call) {
    signals.push(call.signal);
    const answer = await deps.egress.stream(call);
    if (!Buffer.isBuffer(answer.body)) bodies.push(answer.body);
    return answer;
  },
};
const origin = await listenAtOwnOrigin({ ...deps, egress: watched });
const host = "haldenoutdoor.my.salesforce.com";
const megabyte = 1024 * 1024;
const owner = await given.person();
const id = await given.connection(owner, givenDefinitions.halden);
await studio.connect(owner, id, "dana.kowalczyk@halden.example");
const directWritesUntil = new Date(deps.clock.now().getTime() + 3_600_000);
const { key } = await givenAgent(deps, owner, {
  mode: "build",
  connections: [{ id, directWritesUntil }],
});
const limitsAddress = `${origin}/api/broker/proxy/${id}/rest/services/data/v64.0/limits`;
const authorization = `Bearer ${key}`;

function open(address = limitsAddress, bearer = key) {
  const headers = { authorization: `Bearer ${bearer}` };
  const sent = request(address, { headers, agent: false });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.on("response", resolve).on("error", reject).end();
  promise.catch(() => {});
  return { sent, answer: promise };
}

test("[BRK-9] a large answer comes whole, and is not held first", async () => {
  const fault = simulator.faults.set(wireFaults.oversize, { bytes: 20 * megabyte }, { host });
  const answer = await open().answer;
  expect(bodies.at(-1)?.destroyed).toBe(false);
  expect((await buffer(answer)).byteLength).toBeGreaterThan(20 * megabyte);
  fault.clear();
});

test("[BRK-9] an agent that leaves in the middle frees the provider's answer at once", async () => {
  const fault = simulator.faults.set(wireFaults.oversize, { bytes: 50 * megabyte }, { host });
  const { sent, answer } = open();
  await new Promise((resolve) => void answer.then((got) => got.once("data", resolve)));
  const body = bodies.at(-1);
  expect(body?.destroyed).toBe(false);
  sent.destroy();
  await expect.poll(() => body?.destroyed).toBe(true);
  fault.clear();
});

test("[BRK-9] an agent that leaves before the answer gives the call up", async () => {
  const fault = simulator.faults.set(wireFaults.held, { stage: "before-work" }, { host });
  const { sent } = open();
  await fault.reached;
  sent.destroy();
  await expect.poll(() => signals.at(-1)?.aborted).toBe(true);
  fault.release();
});

test("[BRK-9] an answer that the provider breaks off is broken off for the agent too", async () => {
  const oversize = simulator.faults.set(wireFaults.oversize, { bytes: 5 * megabyte }, { host });
  const cut = simulator.faults.set(wireFaults.cut, { stage: "mid-body" }, { host });
  const answer = await open().answer;
  await expect(buffer(answer)).rejects.toThrow();
  oversize.clear();
  cut.clear();
});

test("[BRK-6] a streamed answer is cut off before the connection's own token", async () => {
  simulator.log.clear();
  await buffer(await open().answer);
  const [call] = simulator.log.all();
  const token = loggedHeader(call as LoggedRequest, "authorization")?.slice("Bearer ".length) ?? "";
  const body = `${"x".repeat(200_000)}${token}${"y".repeat(200_000)}`;
  const fault = simulator.faults.set(
    wireFaults.answer,
    { status: 200, body, contentType: "text/plain" },
    { host },
  );
  const answer = await open().answer;
  const seen: Buffer[] = [];
  answer.on("data", (piece: Buffer) => seen.push(piece));
  await new Promise((resolve) => answer.once("close", resolve));
  fault.clear();
  expect(answer.complete).toBe(false);
  expect(Buffer.concat(seen).toString()).toMatch(/^x*(?:00D\w+!)?$/);
});

test("[BRK-9] a body that announces more than is passed on is refused before it is read", async () => {
  simulator.log.clear();
  const sent = request(
    `${origin}/api/broker/proxy/${id}/rest/services/data/v64.0/sobjects/Account`,
    {
      method: "POST",
      headers: {
        authorization,
        "content-type": "application/json",
        "content-length": 200 * megabyte,
        expect: "100-continue",
      },
      agent: false,
    },
  );
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  let isAskedFor = false;
  sent.on("continue", () => {
    isAskedFor = true;
  });
  sent.on("response", resolve).on("error", () => {});
  sent.flushHeaders();
  const answer = await promise;
  expect([answer.statusCode, answer.headers["x-studio-code"]]).toEqual([
    413,
    "broker.body_too_large",
  ]);
  expect([isAskedFor, simulator.log.all()]).toEqual([false, []]);
  sent.destroy();
});

test("[BRK-9] an upload goes to the provider as it comes, and a broken one is not completed there", async () => {
  simulator.log.clear();
  const upload = (length: number) =>
    request(`${origin}/api/broker/proxy/${id}/rest/services/data/v64.0/sobjects/Account`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json", "content-length": length },
      agent: false,
    });
  const json = JSON.stringify({ Name: "Kettle & Cloth", Description: "d".repeat(megabyte) });
  const whole = upload(Buffer.byteLength(json));
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  whole.on("response", resolve).end(json);
  expect((await promise).statusCode).not.toBe(503);
  expect(simulator.log.all().map(({ body }) => body.byteLength)).toEqual([Buffer.byteLength(json)]);
  simulator.log.clear();
  const broken = upload(megabyte);
  broken.on("error", () => {});
  const calls = signals.length;
  broken.write(json.slice(0, megabyte / 2));
  await expect.poll(() => signals.length).toBe(calls + 1);
  broken.destroy();
  await expect.poll(() => signals.at(-1)?.aborted).toBe(true);
  expect(simulator.log.all().filter(({ status }) => status !== null)).toEqual([]);
});

test("[BRK-11] an answer under way is cut off when its key is revoked", async () => {
  const other = await givenAgent(deps, owner, { connections: [id] });
  const fault = simulator.faults.set(wireFaults.oversize, { bytes: 50 * megabyte }, { host });
  const answer = await open(limitsAddress, other.key).answer;
  answer.on("error", () => {});
  const body = bodies.at(-1);
  const untouched = await open().answer;
  await revokeKey(deps, owner, other.agentId, other.keyId);
  await expect.poll(() => body?.destroyed).toBe(true);
  answer.resume();
  await expect.poll(() => answer.destroyed).toBe(true);
  expect(answer.complete).toBe(false);
  expect((await buffer(untouched)).byteLength).toBeGreaterThan(50 * megabyte);
  fault.clear();
});

test("[BRK-11] a call that waits for the provider is answered at once when its key is revoked", async () => {
  const other = await givenAgent(deps, owner, { connections: [id] });
  const fault = simulator.faults.set(wireFaults.held, { stage: "before-work" }, { host });
  const { answer } = open(limitsAddress, other.key);
  await fault.reached;
  await revokeKey(deps, owner, other.agentId, other.keyId);
  expect((await answer).statusCode).toBe(401);
  expect(signals.at(-1)?.aborted).toBe(true);
  fault.release();
});

test.each([
  ["its key is revoked", 401],
  ["its agent only plans", 403],
] as const)(
  "[BRK-11] a write whose body was still coming when %s is not made",
  async (what, status) => {
    const connections = [{ id, directWritesUntil }];
    const other = await givenAgent(deps, owner, { mode: "build", connections });
    const address = `${origin}/api/broker/proxy/${id}/rest/services/data/v64.0/composite/sobjects`;
    const json = JSON.stringify({ records: [{ attributes: { type: "Account" }, Name: "a" }] });
    simulator.log.clear();
    const sent = request(address, {
      method: "POST",
      headers: {
        authorization: `Bearer ${other.key}`,
        "content-type": "application/json",
        "content-length": json.length,
        expect: "100-continue",
      },
      agent: false,
    });
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    sent.on("response", resolve).flushHeaders();
    await new Promise((asked) => sent.once("continue", asked));
    if (status === 401) await revokeKey(deps, owner, other.agentId, other.keyId);
    else await editAgent(deps, owner, other.agentId, { mode: "plan" });
    await deps.changes.current();
    sent.end(json);
    expect((await promise).statusCode, what).toBe(status);
    expect(simulator.log.all()).toEqual([]);
  },
);

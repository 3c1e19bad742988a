import { expect, test } from "vitest";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const tokenPath = "/services/oauth2/token";

/** A process that serves agents, and an agent whose next call needs a refresh there. */
async function serving() {
  const owner = await given.person();
  const id = await given.connection(owner, givenDefinitions.halden);
  await studio.connect(owner, id, "dana.kowalczyk@halden.example");
  const { key } = await givenAgent(deps, owner, { connections: [id] });
  const other = startOtherProcess(studio.settingsOfAnother, { do: "serve" });
  const [message] = (await other.told.next()).value as [{ port: number }];
  const origin = `http://127.0.0.1:${message.port}`;
  const call = () =>
    fetch(`${origin}/api/broker/proxy/${id}/rest/services/data/v64.0/limits`, {
      headers: { authorization: `Bearer ${key}` },
    });
  const isReady = async () => (await fetch(`${origin}/ready`)).status === 200;
  const grant = () => deps.db.grant.findFirstOrThrow({ where: { connectionId: id } });
  return { other, call, isReady, grant };
}

test("[OPS-1] told to end, a process is not ready at once, turns new calls away, ends the refresh it began and answers its call", async () => {
  const { other, call, isReady, grant } = await serving();
  const before = await grant();
  expect(await isReady()).toBe(true);
  const held = simulator.faults.set(wireFaults.held, { stage: "after-work" }, { path: tokenPath });
  const underway = call();
  await held.reached;
  other.signal("SIGTERM");
  await expect.poll(isReady).toBe(false);
  const turnedAway = await call();
  expect(turnedAway.status).toBe(503);
  expect(turnedAway.headers.get("connection")).toBe("close");
  expect(turnedAway.headers.get("retry-after")).toBe("5");
  expect(await turnedAway.json()).toMatchObject({
    code: "studio.stopping",
    remedy: { do: "retry" },
  });
  held.release();
  expect((await underway).status).toBe(200);
  expect(await other.ended).toBe(0);
  const after = await grant();
  expect(after.tokenVersion).toBe(before.tokenVersion + 1);
  expect(after.refreshTokenSealed).not.toBe(before.refreshTokenSealed);
  expect(await deps.db.refresh.count()).toBe(0);
}, 40_000);

test("[OPS-1] with nothing under way a process ends at once", async () => {
  const { other, isReady } = await serving();
  expect(await isReady()).toBe(true);
  const beganMs = performance.now();
  other.signal("SIGTERM");
  expect(await other.ended).toBe(0);
  expect(performance.now() - beganMs).toBeLessThan(15_000);
});

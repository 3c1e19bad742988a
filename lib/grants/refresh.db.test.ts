import { expect, test } from "vitest";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { getGrantHealth } from "#lib/grants/get-health.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given } = studio;
const dana = "dana.kowalczyk@halden.example";

async function connected(definition: object = givenDefinitions.halden, username = dana) {
  const principal = await given.person();
  const connectionId = await given.connection(principal, definition);
  await studio.connect(principal, connectionId, username);
  simulator.log.clear();
  const grant = await findOwnGrant(deps.db, principal, connectionId);
  if (!grant) throw new Error("not connected");
  return { principal, connectionId, grant };
}
const tokenCalls = () => simulator.log.requestsTo("/services/oauth2/token");

test("a token that has ended is refreshed, once for fifty callers at once", async () => {
  const { grant, principal } = await connected();
  deps.clock.advanceSeconds(3_600);
  const tokens = await Promise.all(Array.from({ length: 50 }, () => freshAccessToken(deps, grant)));
  expect(new Set(tokens.map(({ token }) => token.reveal())).size).toBe(1);
  expect(tokenCalls()).toHaveLength(1);
  deps.clock.advanceSeconds(3_600);
  await freshAccessToken(deps, grant);
  expect(tokenCalls()).toHaveLength(2);
  await deps.usage.flush();
  const { refreshes } = await getGrantHealth(deps, principal, grant.id);
  expect(refreshes).toMatchObject({ count: 2, failed: 0 });
});

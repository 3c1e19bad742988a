import { expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given, connect, simulator } = await testStudio();
const dana = "dana.kowalczyk@halden.example";
const jonas = "jonas.makela@halden.example";

test("a sixth sign-in through one app says of the first that it was pushed out, and of no other", async () => {
  const principal = await given.person();
  const make = (name: string) => given.connection(principal, { ...givenDefinitions.halden, name });
  const stateOf = async (id: string) => {
    const { myGrant } = await getConnectionView(deps, principal, id);
    return [myGrant?.state, myGrant?.reason];
  };
  const somebodyElse = await make("Jonas");
  await connect(principal, somebodyElse, jonas);
  const ids: string[] = [];
  for (let at = 1; at <= 6; at += 1) {
    const id = await make(`Halden ${at}`);
    ids.push(id);
    deps.clock.advanceSeconds(1);
    await connect(principal, id, dana);
    if (at === 5) expect(await stateOf(ids[0] as string)).toEqual(["active", null]);
  }
  expect(await Promise.all(ids.map(stateOf))).toEqual([
    ["needs_reconnect", "grant_pushed_out"],
    ...Array.from({ length: 5 }, () => ["active", null]),
  ]);
  expect(await stateOf(somebodyElse)).toEqual(["active", null]);
  // The provider says the same: the first approval is the one it dropped.
  const [, ...approvals] = simulator.salesforce.state().grants;
  expect(approvals.map(({ isRevoked }) => isRevoked)).toEqual([
    true,
    ...Array.from({ length: 5 }, () => false),
  ]);
});

import { expect, test } from "vitest";
import { connectionPatchSchema } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import { addBusinessUnits } from "#lib/grants/add-business-units.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const jonas = "jonas.makela@halden.example";
const soapHost = "mcb4x7t2k9qh1rn8v3z6w0pd5cys.soap.marketingcloudapis.com";
const halden = { ...givenDefinitions.haldenUnit, name: "Halden Group", accountId: 514012345 };

const edit = (principal: Principal, id: string, patch: object) =>
  editConnection(deps, principal, id, connectionPatchSchema.parse(patch));

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? String(error),
  );

/** Until somebody waits for a row that another transaction holds. */
const someoneWaits = () =>
  expect
    .poll(async () => {
      const { rows } = await database.pool.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length;
    })
    .toBeGreaterThan(0);

test("a sign-in that begins beside a disconnect takes its turn: neither waits for the other in a circle", async () => {
  const owner = await given.person();
  const id = await given.connection(owner, givenDefinitions.halden);
  await studio.connect(owner, id, dana);
  const { flowId } = await studio.connect(owner, id, jonas);
  const ending = await database.pool.connect();
  await ending.query("begin");
  await ending.query("select 1 from connections where id = $1 for update", [id]);
  const begun = codeOf(studio.begin(owner, id));
  await someoneWaits();
  await ending.query("set local lock_timeout = '300ms'");
  const flow = await codeOf(ending.query("select 1 from flows where id = $1 for update", [flowId]));
  await ending.query("rollback");
  ending.release();
  expect([flow, await begun]).toEqual(["done", "done"]);
});

test("[TEN-5] a sign-in that begins while the definition is edited does not begin under the one before", async () => {
  const owner = await given.person();
  const id = await given.connection(owner, halden);
  const holder = await database.pool.connect();
  await holder.query("begin");
  await holder.query("select 1 from users where id = $1 for no key update", [owner.userId]);
  const begun = codeOf(studio.begin(owner, id));
  await someoneWaits();
  // The same host, and yet another place: nothing else that is noted of a flow tells them apart.
  await edit(owner, id, { version: 1, environment: "demo" });
  await holder.query("rollback");
  holder.release();
  expect(await begun).toBe("grants.definition_moved");
  expect(await deps.db.flow.count({ where: { connectionId: id } })).toBe(0);
});

test("units of one tenant are not made under a definition that was edited to another meanwhile", async () => {
  const owner = await given.person();
  const id = await given.connection(owner, halden);
  await studio.connect(owner, id, "d.kowalczyk@halden");
  simulator.log.clear();
  const held = simulator.faults.set(wireFaults.held, { stage: "before-work" }, { host: soapHost });
  const added = codeOf(addBusinessUnits(deps, owner, id, { accountIds: [514012388] }));
  await expect.poll(() => simulator.log.requestsTo("/Service.asmx").length).toBe(1);
  await edit(owner, id, {
    version: 1,
    voids: 1,
    authBaseUri: "mcm3r1d1anfr4nch1se8k2w5x7qz",
    clientSecret: null,
  });
  held.clear();
  expect(await added).toBe("grants.definition_moved");
  expect(await deps.db.connection.count({ where: { teamId: owner.teamId } })).toBe(1);
});

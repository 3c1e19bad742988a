import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { checkChain } from "#lib/audit/check-chain.ts";
import { exportEvents, exportForOperator } from "#lib/audit/export-events.ts";
import { listEventPeople, listEvents } from "#lib/audit/list-events.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { auditQuerySchema, exportQuerySchema } from "#lib/audit/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { streamOf } from "#lib/http/stream.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given } = await testStudio();
const query = (input: object = {}) => auditQuerySchema.parse(input);
const all = (format: "ndjson" | "csv") => exportQuerySchema.parse({ format });

const record = (principal: Principal, name: string, count = 1) =>
  inTransaction(deps.db, async (tx) => {
    for (let index = 0; index < count; index += 1) {
      await recordEvent(tx, deps, {
        action: "connection.renamed",
        principal,
        target: { kind: "connection", id: randomUUID() },
        result: "success",
        detail: { name },
      });
    }
  });

async function text(pieces: AsyncGenerator<string>): Promise<string> {
  let whole = "";
  for await (const piece of pieces) whole += piece;
  return whole;
}
const lines = async (pieces: AsyncGenerator<string>) =>
  (await text(pieces))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("pages go from the newest event to the first without a gap or a repetition", async () => {
  const owner = await given.person({ secondFactor: true });
  await record(owner, "x", 25);
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const page = await listEvents(deps, owner, query({ limit: 10, ...(cursor && { cursor }) }));
    seen.push(...page.items.map(({ sequence }) => sequence));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => 25 - index));
});

test("filters are the database's: action, person, connection, time and words", async () => {
  const owner = await given.person({ name: "Ana Ruiz" });
  const member = await given.person({ teamId: owner.teamId, role: "member", name: "Bo Lindgren" });
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  const from = deps.clock.now().toISOString();
  deps.clock.advanceSeconds(60);
  await record(member, "100%_sure");
  const found = async (input: object) =>
    (await listEvents(deps, owner, query(input))).items.map(({ action }) => action);
  expect(await found({ action: ["connection.created"] })).toEqual(["connection.created"]);
  expect(await found({ actor: member.userId })).toEqual(["connection.renamed"]);
  expect(await found({ connection: connectionId })).toEqual(["connection.created"]);
  expect(await found({ q: "lindgren" })).toEqual(["connection.renamed"]);
  expect(await found({ q: "100%_" })).toEqual(["connection.renamed"]);
  expect(await found({ q: "%" })).toEqual(["connection.renamed"]);
  expect(await found({ q: "halden production" })).toEqual(["connection.created"]);
  expect(await found({ from: deps.clock.now().toISOString() })).toEqual(["connection.renamed"]);
  expect(await found({ to: deps.clock.now().toISOString(), from })).toEqual(["connection.created"]);
  expect(await found({ actor: randomUUID() })).toEqual([]);
});

test("[TEN-2] another team's events answer as absent ones, whatever is asked for", async () => {
  const [owner, stranger] = [await given.person({ secondFactor: true }), await given.person()];
  const connectionId = await given.connection(stranger, givenDefinitions.halden);
  await record(owner, "ours");
  for (const input of [
    {},
    { actor: stranger.userId },
    { connection: connectionId },
    { q: "halden" },
  ]) {
    const { items } = await listEvents(deps, owner, query(input));
    expect(items.every(({ actor }) => actor?.id === owner.userId)).toBe(true);
  }
  const { items } = await listEvents(deps, owner, query({ connection: connectionId }));
  expect(items).toEqual([]);
  const exported = await lines(await exportEvents(deps, owner, all("ndjson"), "r"));
  expect(new Set(exported.map(({ teamId }) => teamId))).toEqual(new Set([owner.teamId]));
});

test("[TEN-3] a member sees what is about themselves, exports nothing and checks nothing", async () => {
  const owner = await given.person({ secondFactor: true });
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  await record(owner, "the owner's");
  await record(member, "the member's");
  await inTransaction(deps.db, (tx) =>
    recordEvent(tx, deps, {
      action: "grant.disconnected",
      principal: owner,
      onBehalfOf: member.userId,
      result: "success",
    }),
  );
  const { items } = await listEvents(deps, member, query());
  expect(items.map(({ action }) => action)).toEqual(["grant.disconnected", "connection.renamed"]);
  const asked = await listEvents(deps, member, query({ actor: owner.userId }));
  expect(asked.items.map(({ action }) => action)).toEqual(["grant.disconnected"]);
  expect(await listEventPeople(deps, member)).toEqual([]);
  await expect(exportEvents(deps, member, all("csv"), "r")).rejects.toMatchObject({
    code: "policy.forbidden",
  });
  await expect(checkChain(deps, member)).rejects.toMatchObject({ code: "policy.forbidden" });
  expect(await checkChain(deps, owner)).toMatchObject({ isIntact: true, checked: 3 });
});

test("[AUD-6] an export holds the whole chain in order, and is in the trail itself", async () => {
  const owner = await given.person({ secondFactor: true });
  await record(owner, "x", 1_203);
  const exported = await lines(await exportEvents(deps, owner, all("ndjson"), "request-1"));
  expect(exported.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 1_204 }, (_, index) => index + 1),
  );
  for (const [index, event] of exported.entries()) {
    if (index > 0) expect(event.previousHash).toBe(exported[index - 1].hash);
  }
  expect(exported.at(-1)).toMatchObject({ action: "audit.exported", result: "intent" });
  const { items } = await listEvents(deps, owner, query({ action: ["audit.exported"] }));
  expect(items.map(({ result, detail }) => [result, detail.count])).toEqual([
    ["success", 1_204],
    ["intent", undefined],
  ]);
  const byOperator = await lines(await exportForOperator(deps, owner.teamId, "ndjson"));
  expect(byOperator.at(-1).detail).toMatchObject({ by: "operator" });
});

test("[AUD-6] [WEB-9] no cell of the spreadsheet begins a formula, and each event is one record", async () => {
  const owner = await given.person({
    secondFactor: true,
    name: '=HYPERLINK("https://evil.example")',
  });
  const connection = { ...givenDefinitions.halden };
  const names = ["=1+1", "+1", "-1", "@SUM(A1)", 'with "quotes", commas', "＝1"];
  for (const name of names) {
    const id = await given.connection(owner, { ...connection, name });
    await inTransaction(deps.db, (tx) =>
      recordEvent(tx, deps, {
        action: "connection.renamed",
        principal: owner,
        connectionId: id,
        target: { kind: "connection", id },
        result: "success",
        detail: { name: "\ttab\r\nbreak" },
      }),
    );
  }
  const csv = await text(await exportEvents(deps, owner, all("csv"), "r"));
  const cells = csv.match(/("(?:[^"]|"")*"|[^,\r\n]*)(?=,|\r\n)/g) ?? [];
  expect(cells.length).toBeGreaterThan(100);
  for (const cell of cells) expect(cell).not.toMatch(/^"?[=+\-@\t\r＝]/);
  expect(csv).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
  expect(csv).toContain(",'@SUM(A1),");
  // NDJSON is exact.
  const ndjson = await lines(await exportEvents(deps, owner, all("ndjson"), "r"));
  expect(ndjson.map(({ connectionName }) => connectionName)).toEqual(expect.arrayContaining(names));
});

test("[AUD-6] a reader who goes away ends the export; how far it came is recorded", async () => {
  const owner = await given.person({ secondFactor: true });
  await record(owner, "x", 2_000);
  const reader = streamOf(await exportEvents(deps, owner, all("ndjson"), "r")).getReader();
  await reader.read();
  await reader.cancel();
  const { items } = await listEvents(deps, owner, query({ action: ["audit.exported"], limit: 1 }));
  expect(items[0]).toMatchObject({ result: "failed", detail: { count: 500 } });
});

test("[AUD-6] a reader who goes away before the first byte leaves an end in the trail too", async () => {
  const owner = await given.person({ secondFactor: true });
  await streamOf(await exportEvents(deps, owner, all("ndjson"), "r")).cancel();
  const { items } = await listEvents(deps, owner, query({ action: ["audit.exported"], limit: 1 }));
  expect(items[0]).toMatchObject({ result: "failed", detail: { count: 0 } });
});

test("[AUD-2] an export that cannot be recorded gives nothing", async () => {
  const owner = await given.person({ secondFactor: true });
  const failing = { ...deps, random: { ...deps.random, uuid: () => "not a uuid" } };
  await expect(exportEvents(failing, owner, all("csv"), "r")).rejects.toThrow();
});

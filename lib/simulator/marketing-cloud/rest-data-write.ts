import { empty, json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { findRow, writeRows } from "./data-rows.ts";
import type { DataExtension, GivenRow } from "./data-types.ts";
import { bodyOf, isObject, jsonOf, refuse, textsOf, valueIn } from "./rest-body.ts";
import { byKey } from "./rest-data.ts";
import { writeLater } from "./rest-data-async.ts";
import { notFound, type RestCall, type RestRoute, route } from "./rest-route.ts";

type Item = { keys: GivenRow; values: GivenRow };

function itemsOf(call: RestCall): Item[] {
  const value = jsonOf(call);
  if (!Array.isArray(value)) throw refuse(400, 10004, "The body is not a list of rows.");
  return value.map((item: unknown) => {
    if (!isObject(item)) throw refuse(400, 10004, "The body is not a list of rows.");
    return { keys: textsOf(valueIn(item, "keys")), values: textsOf(valueIn(item, "values")) };
  });
}

const givenOf = (items: readonly Item[]): GivenRow[] =>
  items.map(({ keys, values }) => ({ ...values, ...keys }));

/** All of them or none: the first that is not taken ends the request. */
function upsert(call: RestCall, one: DataExtension, items: readonly Item[]): void {
  const { core, caller } = call;
  const { rows, problems } = writeRows(one, core.data.rows(one), givenOf(items), "upsert");
  const problem = problems.find((text) => text !== null);
  if (problem) throw refuse(400, 10006, problem);
  core.data.save(caller.tenant, { ...one, modifiedAtMs: core.context.clock.nowMs() }, rows);
}

/** `pk:value`, several joined with commas. */
function pairsOf(call: RestCall): GivenRow {
  const pairs = (call.parameters.pairs ?? "").split(",").map((pair) => {
    const at = pair.indexOf(":");
    if (at < 1) throw refuse(400, 10003, "A row is named by key:value.");
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

const itemOf = (call: RestCall): Item => ({
  keys: pairsOf(call),
  values: textsOf(valueIn(bodyOf(call), "values")),
});

function upsertMany(call: RestCall): SimulatorResponse {
  const items = itemsOf(call);
  upsert(call, byKey(call), items);
  return json(200, items);
}

function upsertOne(call: RestCall): SimulatorResponse {
  const one = byKey(call);
  const item = itemOf(call);
  upsert(call, one, [item]);
  return json(200, item);
}

function increment(call: RestCall): SimulatorResponse {
  const one = byKey(call);
  const keys = pairsOf(call);
  const held = findRow(one, call.core.data.rows(one), keys);
  if (!held) throw notFound();
  const column = one.fields.find(
    ({ name }) => name.toLowerCase() === call.parameters.column?.toLowerCase(),
  );
  if (column?.type !== "Number" && column?.type !== "Decimal") {
    throw refuse(400, 10001, "Only a number can be incremented.");
  }
  const step = Number(call.query.get("step") ?? 1);
  if (!Number.isFinite(step)) throw refuse(400, 10001, "step must be a number.");
  const value = String(Number(held[column.name] || 0) + step);
  const values = { [column.name]: value };
  upsert(call, one, [{ keys, values }]);
  return json(200, { keys, values });
}

/** The asynchronous twins: nothing tells what became of the rows. */
const quietly =
  (itemsIn: (call: RestCall) => Item[]) =>
  (call: RestCall): SimulatorResponse => {
    const [items, one] = [itemsIn(call), byKey(call)];
    const id = call.core.context.random.uuid();
    writeLater(call, { id, one, action: "upsert", rows: givenOf(items) });
    return empty(202);
  };

const write = "data_extensions_write";
const base = "/hub/v1/dataevents";

/** Rows by the hub's routes (contract 7). */
export const dataWriteRoutes: readonly RestRoute[] = [
  route("POST", `${base}/key::key/rowset`, write, upsertMany),
  route("PUT", `${base}/key::key/rows/:pairs`, write, upsertOne),
  route("PUT", `${base}/key::key/rows/:pairs/column/:column/increment`, write, increment),
  route("POST", `${base}async/key::key/rowset`, write, quietly(itemsOf)),
  route(
    "PUT",
    `${base}async/key::key/rows/:pairs`,
    write,
    quietly((call) => [itemOf(call)]),
  ),
];

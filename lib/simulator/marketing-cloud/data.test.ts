import { describe, expect, test } from "vitest";
import { connectedCloud } from "./testing.ts";

const objects = "/data/v1/customobjects";
const keyed = (key: string) => `/data/v1/customobjectdata/key/${encodeURIComponent(key)}/rowset`;
const hub = "/hub/v1/dataevents/key:";
// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read by tests
type Any = any;

async function studio(scope?: string) {
  const cloud = await connectedCloud(scope);
  const one = async (key: string) => {
    const { items } = await cloud.read(`${objects}?$search=${encodeURIComponent(key)}`);
    return items.find((found: Any) => found.key === key);
  };
  const folder = async () => (await one("Stores")).categoryId as number;
  return { ...cloud, one, folder };
}

const id = { name: "Id", type: "Text", length: 20, isPrimaryKey: true, isNullable: false };
const fresh = (categoryId: number, change: object = {}) => ({
  name: "Fresh list",
  key: "Fresh",
  categoryId,
  fields: [id, { name: "Points", type: "Number" }],
  ...change,
});

describe("a unit's data extensions", () => {
  test("are forty, one beyond five thousand rows, one without a key, some in other scripts", async () => {
    const { read, one } = await studio();
    const { count } = await read(`${objects}?$search=%25`);
    expect(count).toBe(40);
    expect((await one("Web_Events")).rowCount).toBe(7400);
    const fields = async (key: string) => {
      const found = await one(key);
      return (await read(`${objects}/${found.id}/fields`)).fields as Any[];
    };
    expect((await fields("Click_Log")).some(({ isPrimaryKey }) => isPrimaryKey)).toBe(false);
    expect((await fields("会員マスタ")).map(({ name }) => name)).toContain("氏名");
    const rows = await read(`${keyed("عملاء_الخليج")}?$pageSize=5`);
    expect(Object.keys(rows.items[0].values)).toContain("الاسم");
    const answers = await read(`${keyed("Survey_Answers")}?$filter=Remark eq ''&$pageSize=1`);
    expect(answers.count).toBeGreaterThan(500);
    expect((await one("Web_Events")).dataRetentionProperties).toMatchObject({
      isRowBasedRetention: true,
      dataRetentionPeriodLength: 90,
      dataRetentionPeriodUnitOfMeasure: 3,
    });
  });
});

describe("a data extension", () => {
  test("is made, found by its words after a while, changed, widened, emptied and deleted", async () => {
    const { act, clock, folder, one, read } = await studio();
    const made = await act("POST", objects, fresh(await folder()));
    expect([made.status, made.json.fieldCount]).toEqual([201, 2]);
    expect(await one("Fresh")).toBeUndefined();
    const path = `${objects}/${made.json.id}`;
    expect((await read(path)).key).toBe("Fresh");
    clock.advanceSeconds(9);
    expect((await one("Fresh")).id).toBe(made.json.id);

    const changed = await act("PATCH", path, { description: "New" });
    expect([changed.status, changed.json.description]).toEqual([200, "New"]);
    const wider = await act("POST", `/data/v1/customobjectsasync/${made.json.id}/fields`, {
      fields: [{ name: "City" }],
    });
    expect([wider.status, (await read(path)).fieldCount]).toEqual([202, 3]);
    const rows = [{ keys: { Id: "1" }, values: { Points: 7, City: "Bergen" } }];
    await act("POST", `${hub}Fresh/rowset`, rows);
    expect((await read(keyed("Fresh"))).count).toBe(1);
    await act("POST", `${path}/cleardata`);
    expect((await read(keyed("Fresh"))).count).toBe(0);
    expect((await act("DELETE", path)).status).toBe(200);
    expect((await read(path)).errorcode).toBe(30003);
  });

  test.each([
    ["no folder", { categoryId: undefined }, 400, 10002],
    ["a folder of mails", { categoryId: 1234502 }, 400, 10005],
    ["no name", { name: undefined }, 400, 10002],
    ["no fields", { fields: [] }, 400, 10002],
    ["a field twice", { fields: [id, { name: "ID" }] }, 400, 30004],
    ["a type nobody knows", { fields: [{ name: "a", type: "Blob" }] }, 400, 10005],
    ["a key that may be empty", { fields: [{ ...id, isNullable: true }] }, 400, 10005],
    ["nobody to send to", { isSendable: true }, 400, 10002],
    ["a taken key", { key: "orders" }, 409, 30004],
    ["a taken name", { name: "Order Items" }, 409, 30004],
  ])("with %s is refused", async (_name, change, status, errorcode) => {
    const { act, folder } = await studio();
    const answer = await act("POST", objects, fresh(await folder(), change));
    expect([answer.status, answer.json.errorcode]).toEqual([status, errorcode]);
  });
});

describe("rows", () => {
  test("are put one by one, a number is counted up", async () => {
    const { act, read } = await studio();
    const row = `${hub}Stores/rows/StoreId:S000001`;
    const put = await act("PUT", row, { values: { SquareMetres: 500 } });
    expect([put.status, put.json]).toEqual([
      200,
      { keys: { StoreId: "S000001" }, values: { SquareMetres: "500" } },
    ]);
    const more = await act("PUT", `${row}/column/squaremetres/increment?step=25`);
    expect(more.json.values).toEqual({ SquareMetres: "525" });
    const { items } = await read(`${keyed("Stores")}?$filter=StoreId eq 'S000001'`);
    expect(items[0].values.squaremetres).toBe("525");
    expect((await act("PUT", `${row}/column/city/increment`)).status).toBe(400);
    expect((await act("PUT", `${hub}Stores/rows/S000001`, { values: {} })).status).toBe(400);
    expect((await act("PUT", `${hub}Nothing/rows/a:1`, { values: {} })).status).toBe(404);
  });

  test("by the thousand are all written, or none when one is wrong", async () => {
    const { act, read } = await studio();
    const rows = Array.from({ length: 2000 }, (_, at) => ({
      keys: { Sku: `N${at}` },
      values: { ProductName: "Lamp", ListPrice: "9.50" },
    }));
    expect((await act("POST", `${hub}Product_Catalog/rowset`, rows)).status).toBe(200);
    expect((await read(`${keyed("Product_Catalog")}?$pageSize=1`)).count).toBe(2420);
    const bad = [...rows.slice(0, 3), { keys: { Sku: "M1" }, values: { ListPrice: "cheap" } }];
    const changed = bad.map((row) => ({ ...row, values: { ...row.values, ProductName: "Torch" } }));
    const answer = await act("POST", `${hub}Product_Catalog/rowset`, changed);
    expect([answer.status, answer.json.errorcode]).toEqual([400, 10006]);
    const torches = await read(`${keyed("Product_Catalog")}?$filter=ProductName eq 'Torch'`);
    expect(torches.count).toBe(0);
  });

  test("given to write later are reported row by row", async () => {
    const { act, clock, read } = await studio();
    const path = "/data/v1/async/dataextensions/key:Stores/rows";
    const items = [
      { StoreId: "S000001", City: "Oslo" },
      { StoreId: "S777777", City: "Bodø" },
    ];
    const { status, json } = await act("POST", path, { items });
    expect([status, json.resultMessages]).toEqual([202, []]);
    const state = async () => (await read(`/data/v1/async/${json.requestId}/status`)).status;
    expect(await state()).toMatchObject({ requestStatus: "Pending", hasErrors: false });
    const inBodø = async () => (await read(`${keyed("Stores")}?$filter=City eq 'Bodø'`)).count;
    expect([await inBodø(), await read(`/data/v1/async/${json.requestId}/results`)]).toMatchObject([
      0,
      { count: 0 },
    ]);
    clock.advanceSeconds(6);
    expect(await inBodø()).toBe(1);
    expect(await state()).toMatchObject({ requestStatus: "Complete", hasErrors: true });
    const results = await read(`/data/v1/async/${json.requestId}/results`);
    expect(results.items.map((one: Any) => one.status)).toEqual(["Error", "OK"]);
    const upserted = await act("PUT", path, { items });
    expect(upserted.status).toBe(202);
    clock.advanceSeconds(6);
    expect(await inBodø()).toBe(1);
  });

  test("are read back as the vendor writes them, whatever form they came in", async () => {
    const { act, folder, read } = await studio();
    const made = {
      ...{ name: "Forms", key: "Forms", categoryId: await folder() },
      fields: [
        { name: "Id", type: "Text", length: 20, isPrimaryKey: true, isNullable: false },
        { name: "At", type: "Date" },
        { name: "Yes", type: "Boolean" },
        { name: "Tier", type: "Text", length: 20, isNullable: false, defaultValue: "Basic" },
      ],
    };
    expect((await act("POST", objects, made)).status).toBe(201);
    const rows = [
      ["a", "2026-03-01"],
      ["b", "2026-03-01T23:30:00Z"],
      ["c", "3/1/2026 1:05 PM"],
      ["d", "2026-03-01 00:10:00+01:00"],
    ].map(([Id, At]) => ({ keys: { Id }, values: { At, Yes: "1" } }));
    expect((await act("POST", `${hub}Forms/rowset`, rows)).status).toBe(200);
    const { items } = await read(`${keyed("Forms")}?$orderBy=Id asc`);
    expect(items.map((one: Any) => one.values.at)).toEqual([
      "3/1/2026 12:00:00 AM",
      "3/1/2026 5:30:00 PM",
      "3/1/2026 1:05:00 PM",
      "2/28/2026 5:10:00 PM",
    ]);
    expect(items[0].values).toMatchObject({ yes: "True", tier: "Basic" });
    for (const wrong of ["soon", "2026-02-31", "13/1/2026"]) {
      const answer = await act("POST", `${hub}Forms/rowset`, [
        { keys: { Id: "e" }, values: { At: wrong } },
      ]);
      expect([answer.status, answer.json.errorcode]).toEqual([400, 10006]);
    }
  });

  test.each([
    ["$filter=City eq 'Oslo", 10003],
    ["$filter=Nope eq 'x' or City eq 'Oslo'", 10005],
    ["$fields=City,Nope", 10005],
    ["$orderBy=Nope", 10005],
    ["$orderBy=City sideways", 10005],
  ])("asked for with %s are refused", async (query, errorcode) => {
    const { act } = await studio();
    const answer = await act("GET", `${keyed("Stores")}?${query}`);
    expect([answer.status, answer.json.errorcode]).toEqual([400, errorcode]);
  });

  test("for nobody are told so with 200", async () => {
    const { act, read } = await studio();
    const answer = await act("PUT", "/data/v1/async/dataextensions/key:Nothing/rows", {
      items: [],
    });
    expect([answer.status, answer.json.resultMessages[0].resultCode]).toEqual([
      200,
      "CustomObjectNotFound",
    ]);
    const unknown = await read("/data/v1/async/nothing/status");
    expect(unknown.resultMessages[0].resultCode).toBe("AsyncRequestStatusNotFound");
  });

  test("the asynchronous hub answers with nothing", async () => {
    const { act, clock, read } = await studio();
    const rows = [
      { keys: { StoreId: "S000002" }, values: { City: "Ålesund" } },
      { keys: { StoreId: "S000003" }, values: { NoSuchColumn: "x" } },
    ];
    const answer = await act("POST", "/hub/v1/dataeventsasync/key:Stores/rowset", rows);
    expect([answer.status, answer.text]).toEqual([202, ""]);
    const found = async () => (await read(`${keyed("Stores")}?$filter=City eq 'Ålesund'`)).count;
    expect(await found()).toBe(0);
    clock.advanceSeconds(6);
    expect(await found()).toBe(1);
    const nowhere = await act("POST", "/hub/v1/dataeventsasync/key:Nothing/rowset", rows);
    expect(nowhere.status).toBe(404);
  });
});

test.each([
  ["POST", objects],
  ["PATCH", `${objects}/nothing`],
  ["DELETE", `${objects}/nothing`],
  ["POST", `${objects}/nothing/cleardata`],
  ["PUT", `${hub}Stores/rows/StoreId:1`],
  ["POST", "/data/v1/async/dataextensions/key:Stores/rows"],
])("%s %s is not for a token that may only read", async (method, path) => {
  const { act } = await studio("data_extensions_read");
  expect((await act(method, path, {})).status).toBe(403);
});

import { expect, test } from "vitest";
import {
  getDataExtensionSchema,
  listDataExtensions,
} from "#lib/providers/marketing-cloud/operations/data-extensions.ts";
import { halden } from "#lib/simulator/marketing-cloud/testing.ts";
import { marketingCloudBench } from "#lib/testing/marketing-cloud-bench.ts";

test("the whole catalogue comes in parts that lead to one another", async () => {
  const { run } = await marketingCloudBench();
  const whole = await run(listDataExtensions, {});
  expect(whole.next).toBeNull();
  const keys: string[] = [];
  let next: string | null = null;
  do {
    const part = await run(listDataExtensions, { most: 5, ...(next ? { next } : {}) });
    expect(part.dataExtensions.length).toBeLessThanOrEqual(5);
    keys.push(...part.dataExtensions.map(({ key }: { key: string }) => key));
    next = part.next;
  } while (next !== null);
  expect(keys).toEqual(whole.dataExtensions.map(({ key }: { key: string }) => key));
  expect(new Set(keys).size).toBe(keys.length);
});

test("a search is text, whatever stands in it", async () => {
  const { run } = await marketingCloudBench();
  const found = await run(listDataExtensions, { search: "order" });
  expect(found.dataExtensions.map(({ key }: { key: string }) => key).sort()).toEqual([
    "Order_Items",
    "Orders",
  ]);
  for (const search of ["</Value>", "' or 1 eq 1", "&amp;", "]]>"]) {
    expect(await run(listDataExtensions, { search })).toEqual({ dataExtensions: [], next: null });
  }
});

test("a data extension is described in its own words, with the count of its rows", async () => {
  const { run } = await marketingCloudBench();
  const { dataExtension, columns, rowCount } = await run(getDataExtensionSchema, { key: "Orders" });
  expect(dataExtension).toMatchObject({ key: "Orders", isSendable: false });
  expect(columns[0]).toEqual({
    ...{ name: "OrderId", type: "Text", length: 36, scale: null },
    ...{ isPrimaryKey: true, isRequired: true, defaultValue: null },
  });
  expect(columns.map(({ name }: { name: string }) => name)).toContain("CustomerId");
  expect(rowCount).toBe(4_200);
  const log = await run(getDataExtensionSchema, { key: "Click_Log" });
  expect(log.dataExtension.description).toBe("Raw clicks <from & for> the portal, appended");
  expect((await run(getDataExtensionSchema, { key: "Winback_Audience" })).rowCount).toBe(0);
});

test("what is not there is said not to be there, by the name that was asked for", async () => {
  const { run } = await marketingCloudBench();
  await expect(run(getDataExtensionSchema, { key: "No such/one" })).rejects.toMatchObject({
    code: "operations.not_found",
    userMessage:
      "Marketing Cloud does not know the data extension “No such/one” in this business unit.",
  });
});

test("a list that is no longer kept is asked for from its beginning", async () => {
  const { run } = await marketingCloudBench();
  await expect(
    run(listDataExtensions, { next: "11111111-2222-3333-4444-555555555555" }),
  ).rejects.toMatchObject({ code: "operations.bad_query" });
});

test("business units keep apart", async () => {
  const parent = await marketingCloudBench();
  const nordics = await marketingCloudBench({ accountId: halden.mids.nordics });
  const ids = async ({ run }: typeof parent) =>
    (await run(listDataExtensions, {})).dataExtensions.map(({ id }: { id: string }) => id);
  const seen = new Set(await ids(parent));
  expect((await ids(nordics)).filter((id: string) => seen.has(id))).toEqual([]);
});

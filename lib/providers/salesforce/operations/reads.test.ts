import { beforeEach, describe, expect, test } from "vitest";
import { salesforceCalls } from "#lib/providers/salesforce/calls.ts";
import { limits } from "#lib/providers/salesforce/operations/limits.ts";
import { describeObject, listObjects } from "#lib/providers/salesforce/operations/objects.ts";
import { query } from "#lib/providers/salesforce/operations/query.ts";
import { getRecord } from "#lib/providers/salesforce/operations/record-get.ts";
import { search } from "#lib/providers/salesforce/operations/search.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { operationBench } from "#lib/testing/operation-bench.ts";
import { salesforceBench } from "#lib/testing/salesforce-bench.ts";

const bench = await salesforceBench();
const { run, simulator, select, progress, sent } = bench;
const at = { host: demoSalesforce.host };

beforeEach(() => {
  simulator.faults.clear();
  sent.length = 0;
  progress.length = 0;
});

describe("objects", () => {
  test("the list holds what the org has, cut where it is asked to be", async () => {
    const all = await run(listObjects, {});
    expect(all).toMatchObject({ isComplete: true, total: all.objects.length });
    const custom = await run(listObjects, { customOnly: true });
    expect(custom.objects.map(({ name }: { name: string }) => name)).toEqual([
      "Loyalty_Account__c",
      "Gift_Card__c",
    ]);
    expect(await run(listObjects, { search: "ACCO", most: 1 })).toMatchObject({
      objects: [{ name: "Account", keyPrefix: "001" }],
      total: 2,
      isComplete: false,
    });
    expect(await run(listObjects, { search: "no such" })).toMatchObject({ objects: [], total: 0 });
  });

  test("a description has fields with their picklists, record types and children", async () => {
    const object = await run(describeObject, { object: "loyalty_account__c" });
    const field = (name: string) =>
      object.fields.find((candidate: { name: string }) => candidate.name === name);
    expect(object.name).toBe("Loyalty_Account__c");
    expect(field("Member_Number__c")).toMatchObject({
      isExternalId: true,
      isUnique: true,
      isRequired: true,
      length: 20,
    });
    expect(field("Tier__c").picklist).toHaveLength(4);
    expect(field("Contact__c").referenceTo).toEqual(["Contact"]);
    const account = await run(describeObject, { object: "Account" });
    expect(account.recordTypes.map(({ name }: { name: string }) => name)).toContain("Store");
    expect(account.children).toContainEqual(
      expect.objectContaining({ object: "Contact", relationshipName: "Contacts" }),
    );
  });

  test("an object is described once to one and the same reader, unless it was refused", async () => {
    const before = sent.length;
    await run(describeObject, { object: "Campaign" });
    await run(describeObject, { object: "campaign" });
    expect(sent).toHaveLength(before + 1);
    const restError = { status: 503, errorCode: "SERVER_UNAVAILABLE", message: "later" };
    simulator.faults.set(salesforceFaults.restError, restError, { ...at, times: 1 });
    await expect(run(describeObject, { object: "Gift_Card__c" })).rejects.toThrow();
    expect(await run(describeObject, { object: "Gift_Card__c" })).toMatchObject({ isCustom: true });
  });

  test("an object that is not there is said not to be there", async () => {
    await expect(run(describeObject, { object: "Nope__c" })).rejects.toMatchObject({
      code: "operations.not_found",
      userMessage: "Salesforce does not know the object Nope__c.",
    });
  });
});

describe("queries", () => {
  test("all pages are read, with progress, up to the cap that is said to have cut", async () => {
    const soql = "SELECT Id, Account.Name FROM Contact ORDER BY Id";
    const whole = await run(query, { soql, most: 20_000 });
    expect(whole).toMatchObject({
      totalSize: 5_000,
      returned: 5_000,
      isComplete: true,
      cut: null,
      columns: ["Id", "Account"],
    });
    expect(new Set(whole.records.map(({ Id }: { Id: string }) => Id)).size).toBe(5_000);
    expect(progress).toEqual([
      [2_000, 5_000],
      [4_000, 5_000],
      [5_000, 5_000],
    ]);
    expect(sent).toHaveLength(3);
    const some = await run(query, { soql, most: 2_500 });
    expect(some).toMatchObject({
      totalSize: 5_000,
      returned: 2_500,
      isComplete: false,
      cut: "rows",
    });
  });

  test("a small cap asks for small pages", async () => {
    const some = await run(query, { soql: "SELECT Id FROM Contact", most: 3 });
    expect(some).toMatchObject({ returned: 3, cut: "rows" });
    expect(sent[0]?.headers).toEqual({ "sforce-query-options": "batchSize=200" });
    expect(sent).toHaveLength(1);
  });

  test("nothing, counts, groups, children and missing parents come as they are", async () => {
    expect(await run(query, { soql: "SELECT Id FROM Gift_Card__c" })).toMatchObject({
      ...{ records: [], columns: [], totalSize: 0, isComplete: true },
    });
    expect(await run(query, { soql: "SELECT COUNT() FROM Lead" })).toMatchObject({
      ...{ records: [], totalSize: 1_200, returned: 0, isComplete: true },
    });
    const grouped = await run(query, {
      soql: "SELECT StageName, COUNT(Id) n FROM Opportunity GROUP BY StageName",
    });
    expect(grouped.columns).toEqual(["StageName", "n"]);
    const nested = await run(query, {
      soql: "SELECT Name, Parent.Name, (SELECT LastName FROM Contacts LIMIT 2) FROM Account WHERE ExternalKey__c = 'ERP-10001'",
    });
    expect(nested.records[0]).toEqual({
      Name: "Alder Trading",
      Parent: null,
      Contacts: {
        totalSize: 2,
        done: true,
        records: [{ LastName: expect.any(String) }, { LastName: expect.any(String) }],
      },
    });
  });

  test("odd names come back letter by letter, and what was deleted only on demand", async () => {
    const soql = "SELECT FirstName, LastName FROM Contact WHERE LastName LIKE '%gnp.knaB%'";
    const { records } = await run(query, { soql });
    expect(records).toEqual([{ FirstName: "Eve\u202e", LastName: "gnp.knaB" }]);
    const lead = { LastName: "Away", Company: "Away Ltd", Status: "Open" };
    const { id } = await bench.elsewhere("POST", "/sobjects/Lead", lead);
    await bench.elsewhere("DELETE", `/sobjects/Lead/${id}`);
    const gone = { soql: `SELECT Id FROM Lead WHERE Id = '${id}'` };
    expect((await run(query, gone)).returned).toBe(0);
    expect((await run(query, { ...gone, includeDeleted: true })).returned).toBe(1);
  });

  test.each([
    ["SELECT Nope FROM Account", "operations.not_found", "Look at Nope."],
    ["SELECT Id FROM Nope", "operations.not_found", "Look at Nope."],
    ["SELECT Id FORM Account", "operations.bad_query", "Row 1, column"],
    ["SELECT Id FROM Account WHERE Name = 'a' ORDER", "operations.bad_query", "Row 1"],
  ])("%s: said in our words, with the place", async (soql, code, words) => {
    const failure = await run(query, { soql }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, userMessage: expect.stringContaining(words) });
    expect((failure as { userMessage: string }).userMessage).not.toMatch(/WSDL|unexpected|ERROR/);
  });

  test("a query that leaves a trace, is empty, or is too long never leaves the studio", async () => {
    for (const soql of [
      "SELECT Id FROM Account FOR VIEW",
      "SELECT Id FROM Account FOR UPDATE",
      "",
      `SELECT Id FROM Account WHERE Name = '${"x".repeat(12_000)}'`,
    ]) {
      expect(query.input.safeParse({ soql }).success).toBe(false);
    }
    const wide = `SELECT Id FROM Account WHERE Name = '${"木".repeat(5_000)}'`;
    await expect(run(query, { soql: wide })).rejects.toMatchObject({
      code: "operations.bad_query",
    });
    expect(sent).toEqual([]);
  });

  test("a next page is followed only where it is our own address, and never for ever", async () => {
    const page = (fields: object) => ({ fields: { totalSize: 9, done: false, ...fields } });
    for (const nextRecordsUrl of [
      "https://evil.example/services/data/v60.0/query/01gAAAAAAAAAAAAAAA-2000",
      "/services/data/v60.0/query/01gAAAAAAAAAAAAAAA-2000/../../sobjects",
      "/services/data/v60.0/sobjects/01gAAAAAAAAAAAAAAA-2000",
      "/services/data/v60.0/query/../../apexrest/x",
      "",
    ]) {
      simulator.faults.set(wireFaults.fields, page({ nextRecordsUrl }), { ...at, times: 1 });
      const soql = "SELECT Id FROM Campaign LIMIT 2";
      await expect(run(query, { soql })).rejects.toMatchObject({
        code: "operations.unreadable_answer",
      });
    }
    expect(sent.every(({ path }) => path === "/services/data/v60.0/query")).toBe(true);
  });
});

test("rows that together are too much are cut by size, and it is said", async () => {
  const text = "x".repeat(1_000_000);
  const records = Array.from({ length: 20 }, () => ({ Id: "1", Text: text }));
  const body = JSON.stringify({ totalSize: 20, done: true, records });
  const { run: runLarge } = operationBench(
    "salesforce",
    salesforceCalls,
    async () => ({ status: 200, headers: {}, body }),
    () => undefined,
  );
  expect(await runLarge(query, { soql: "SELECT Id FROM Case" })).toMatchObject({
    returned: 7,
    totalSize: 20,
    cut: "size",
    isComplete: false,
  });
});

describe("searches", () => {
  test("words are found in several objects, operators and signs are only words", async () => {
    const found = await run(search, {
      text: "alder trading",
      objects: [{ object: "Account", fields: ["Name"] }, { object: "Opportunity" }],
    });
    const objects = new Set(found.records.map(({ object }: { object: string }) => object));
    expect(objects).toEqual(new Set(["Account", "Opportunity"]));
    expect(await run(search, { text: "佐藤", in: "name" })).toMatchObject({
      records: expect.arrayContaining([expect.objectContaining({ object: "Contact" })]),
    });
    for (const text of [
      "or and not",
      "a} RETURNING User(Username",
      'x\' + "y" & -z',
      "{[(^~:?)]}12",
    ]) {
      expect(await run(search, { text })).toEqual({ records: [], isFull: false });
    }
    const full = await run(search, { text: "customer*", in: "email", most: 5 });
    expect(full).toMatchObject({ isFull: true });
    expect(full.records).toHaveLength(5);
    expect(search.input.safeParse({ text: " * a -- " }).success).toBe(false);
  });
});

describe("one record and limits", () => {
  test("a record comes whole or in part, long texts and odd signs as they are", async () => {
    const [{ Id: id }] = await select("SELECT Id FROM Account WHERE ExternalKey__c = 'ERP-10007'");
    const { record } = await run(getRecord, { object: "Account", id });
    expect(record.Description).toHaveLength(31_000);
    expect(record).not.toHaveProperty("attributes");
    expect(await run(getRecord, { object: "Account", id, fields: ["Name"] })).toEqual({
      object: "Account",
      record: { Id: id, Name: expect.any(String) },
    });
  });

  test("what is not there, or deleted, is said so in our words", async () => {
    const missing = { object: "Account", id: "001000000000000AAA" };
    await expect(run(getRecord, missing)).rejects.toMatchObject({
      code: "operations.not_found",
      providerCode: "NOT_FOUND",
    });
    const [{ Id: id }] = await select("SELECT Id FROM Account LIMIT 1");
    await expect(
      run(getRecord, { object: "Account", id, fields: ["Nope__c"] }),
    ).rejects.toMatchObject({ code: "operations.not_found" });
  });

  test("limits tell what is left, by app too", async () => {
    const { limits: list } = await run(limits, {});
    expect(list[0]).toMatchObject({
      name: "DailyApiRequests",
      max: 100_000,
      byApp: [{ app: "MeshMesh Studio", max: 100_000 }],
    });
  });

  test.each([
    [503, "SERVER_UNAVAILABLE", "operations.provider_busy"],
    [403, "REQUEST_LIMIT_EXCEEDED", "operations.provider_busy"],
    [403, "API_CURRENTLY_DISABLED", "operations.no_permission"],
    [403, "FUNCTIONALITY_NOT_ENABLED", "operations.no_permission"],
    [400, "NEVER_HEARD_OF", "operations.refused_by_provider"],
  ])("%i %s means %s, in none of the provider's words", async (status, errorCode, code) => {
    const message = "Their words, not ours: <b>call us</b>";
    simulator.faults.set(salesforceFaults.restError, { status, errorCode, message }, at);
    const failure = await run(limits, {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, providerCode: errorCode });
    expect((failure as { userMessage: string }).userMessage).not.toContain("Their");
  });

  test("a page in the place of an answer is a provider that is busy", async () => {
    for (const status of [302, 404, 420, 503]) {
      const answer = { status, body: "<h1>Maintenance</h1>", contentType: "text/html" };
      simulator.faults.set(wireFaults.answer, answer, { ...at, times: 1 });
      const code = status === 404 ? "operations.not_found" : "operations.provider_busy";
      await expect(run(limits, {})).rejects.toMatchObject({ code });
    }
  });
});

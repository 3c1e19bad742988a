import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Operation, ProviderRequest, ProviderResponse } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { salesforceCalls } from "#lib/providers/salesforce/calls.ts";
import { createRecord } from "#lib/providers/salesforce/operations/record-writes.ts";
import {
  isSearchable,
  searchWords,
  soqlLiteral,
  soqlText,
} from "#lib/providers/salesforce/operations/soql-text.ts";
import { salesforceOperations } from "#lib/providers/salesforce/operations/table.ts";
import { changesData } from "#lib/providers/salesforce/soql.ts";
import { parseFind } from "#lib/simulator/salesforce/search-words.ts";
import { tokensOf } from "#lib/simulator/salesforce/soql-tokens.ts";
import { classOfRequest, operationBench } from "#lib/testing/operation-bench.ts";

const runs = { numRuns: 10_000 };
const data = "/services/data/v60\\.0";
const object = "[A-Za-z][A-Za-z0-9_]*";
const id = "[A-Za-z0-9]{15,18}";
const describePath = `${data}/sobjects/${object}/describe`;
const byIds = `${data}/composite/sobjects/${object}`;
const queryPath = `${data}/query`;

/** Where each operation may go: to read, and to write. */
const places: Readonly<Record<string, { reads: string[]; writes: string[] }>> = {
  "salesforce.objects.list": { reads: [`${data}/sobjects`], writes: [] },
  "salesforce.objects.describe": { reads: [describePath], writes: [] },
  "salesforce.query": { reads: [`${data}/query(?:All)?`], writes: [] },
  "salesforce.search": { reads: [`${data}/search`], writes: [] },
  "salesforce.records.get": { reads: [`${data}/sobjects/${object}/${id}`], writes: [] },
  "salesforce.records.create": {
    reads: [describePath, queryPath, byIds],
    writes: [`POST ${data}/sobjects/${object}`],
  },
  "salesforce.records.update": {
    reads: [describePath, byIds],
    writes: [`PATCH ${data}/sobjects/${object}/${id}`],
  },
  "salesforce.records.upsert": {
    reads: [describePath, queryPath, byIds],
    writes: [`PATCH ${data}/composite/sobjects/${object}/${object}`],
  },
  "salesforce.records.delete": {
    reads: [describePath, `${data}/sobjects/${object}/${id}`, `${data}/composite/batch`],
    writes: [`DELETE ${data}/sobjects/${object}/${id}`],
  },
  "salesforce.records.bulk-change": {
    reads: [describePath, byIds, queryPath, `${data}/composite/batch`],
    writes: ["POST", "PATCH", "DELETE"].map((method) => `${method} ${data}/composite/sobjects`),
  },
  "salesforce.limits": { reads: [`${data}/limits`], writes: [] },
};

const fieldsThere = [
  "Id",
  "Name",
  "LastName",
  "Ext__c",
  "Amount__c",
  "Day__c",
  "Owner__c",
  "Odd__c",
];
const targets: Readonly<Record<string, string>> = { Owner__c: "User", Odd__c: "User/../limits" };
const fieldOf = (name: string) => ({
  name,
  type: { Amount__c: "currency", Day__c: "date", Id: "id" }[name] ?? "string",
  createable: name !== "Id",
  updateable: name !== "Id",
  nillable: true,
  filterable: true,
  externalId: name === "Ext__c",
  unique: name === "Ext__c",
  nameField: name === "Name",
  referenceTo: targets[name] ? [targets[name]] : [],
});

/** An org that has every object, with hostile names of children, and any record that is asked for. */
function anyOrg({ path, body }: ProviderRequest, foreign: string | null): ProviderResponse {
  const json = (value: unknown) => ({ status: 200, headers: {}, body: JSON.stringify(value) });
  const name = /sobjects\/([^/]+)\/describe$/.exec(path)?.[1];
  if (name) {
    const may = { createable: true, updateable: true, deletable: true };
    const childRelationships = ["Child__c", "A/../B", "x' OR Id != '"].map((childSObject) => ({
      childSObject,
      field: "Parent__c",
      cascadeDelete: true,
    }));
    return json({ name, ...may, fields: fieldsThere.map(fieldOf), childRelationships });
  }
  if (path.endsWith("/composite/batch"))
    return json({ results: [{ statusCode: 200, result: null }] });
  if (path.includes("/composite/sobjects/")) {
    const { ids = [] } = JSON.parse(body ?? "{}") as { ids?: string[] };
    return json(ids.map((Id) => ({ Id: foreign ?? Id, Name: "Somebody", SystemModstamp: "x" })));
  }
  if (/\/query/.test(path)) return json({ totalSize: 0, done: true, records: [] });
  if (path.endsWith("/search")) return json({ searchRecords: [] });
  if (path.endsWith("/sobjects")) return json({ sobjects: [] });
  if (path.endsWith("/limits")) return json({});
  return json({ Id: foreign ?? path.split("/").at(-1), Name: "Somebody" });
}

const hostile = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("Account", "Lead", "Gift_Card__c", "001000000000001AAA"),
  },
  fc.constantFrom(
    ...[
      "../limits",
      "Account/describe",
      "Account%2Fdescribe",
      "..",
      ".",
      "",
      "a;b",
      "x?y=1",
      "x#y",
    ],
    ...["ApexClass", "AuthSession", "ConnectedApplication", "User/password", "00Q000000000001/x"],
    ...[
      "tooling",
      "composite",
      "Ａccount",
      "Account\u200b",
      "Ac\u0000count",
      "\ud800",
      "a'b",
      "{ref.id}",
    ],
    ...["@{a.id}", "__proto__", "constructor", "attributes", "type", "_HttpMethod=DELETE"],
  ),
  fc.string({ unit: "grapheme" }),
);
const fieldName = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...fieldsThere) }, hostile);
const value = fc.oneof(
  { weight: 8, arbitrary: hostile },
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);
const values = fc.dictionary(fieldName, value, { maxKeys: 2 });
const recordId = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/) },
  // Ids of code and of credentials under the name of an object that holds neither.
  fc.constantFrom("081000000000001AAA", "01p000000000001AAA", "0H4000000000001", "710000000000001"),
  // The same in another letter case: the last three characters say which are capitals.
  fc.constantFrom("01P000000000001AAA", "0aK000000000001CAA", "0h4000000000001caa"),
  hostile,
);
/** The org answers about another record than it was asked for. */
const foreign = fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, recordId);
const soql = fc.oneof(
  fc.constantFrom("SELECT Id FROM Account", "SELECT Id FROM Account FOR UPDATE", "x&q=y"),
  fc.tuple(hostile, hostile).map(([a, b]) => `SELECT ${a} FROM ${b} WHERE Name = '${a}'`),
);
const change = fc.oneof(
  fc.record({ action: fc.constant("create"), object: hostile, values }),
  fc.record({ action: fc.constant("update"), object: hostile, id: recordId, values }),
  fc.record({ action: fc.constant("delete"), object: hostile, id: recordId }),
);
const inputs: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  "salesforce.objects.list": fc.record({ search: hostile }),
  "salesforce.objects.describe": fc.record({ object: hostile }),
  "salesforce.query": fc.record({ soql, includeDeleted: fc.boolean() }),
  "salesforce.search": fc.record({
    text: hostile,
    objects: fc.array(
      fc.record({ object: hostile, fields: fc.array(fieldName, { maxLength: 3 }) }),
      {
        maxLength: 3,
      },
    ),
  }),
  "salesforce.records.get": fc.record(
    { object: hostile, id: recordId, fields: fc.array(fieldName, { maxLength: 3 }) },
    { requiredKeys: ["object", "id"] },
  ),
  "salesforce.records.create": fc.record({ object: hostile, values }),
  "salesforce.records.update": fc.record({ object: hostile, id: recordId, values }),
  "salesforce.records.upsert": fc.record({
    object: hostile,
    externalIdField: fc.oneof(fc.constant("Ext__c"), fieldName),
    records: fc.array(fc.record({ key: fc.oneof(hostile, fc.double()), values }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  "salesforce.records.delete": fc.record({ object: hostile, id: recordId }),
  "salesforce.records.bulk-change": fc.record({
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  }),
  "salesforce.limits": fc.constant({}),
};

const isAmong = (text: string, patterns: readonly string[]) =>
  patterns.some((pattern) => new RegExp(`^${pattern}$`).test(text));

describe.each(salesforceOperations.map((operation) => [operation.id, operation] as const))(
  "%s",
  (operationId, operation) => {
    test("[BRK-4] nothing an input holds reaches another place, and every request is of its class", async () => {
      const known = places[operationId] as (typeof places)[string];
      let sent = 0;
      await fc.assert(
        fc.asyncProperty(
          inputs[operationId] as fc.Arbitrary<unknown>,
          foreign,
          async (input, id) => {
            const bench = operationBench(
              "salesforce",
              salesforceCalls,
              async (request) => anyOrg(request, id),
              () => undefined,
            );
            const parsed = operation.input.safeParse(input);
            if (!parsed.success) return;
            const steps = await prepared(operation, bench, input);
            sent += operation.effect === "read" ? bench.sent.length : steps.length;
            for (const request of bench.sent) {
              expect(classOfRequest(salesforceCalls, request)).toBe("read");
              expect(isAmong(request.path, known.reads)).toBe(true);
            }
            for (const { request, effect } of steps) {
              expect(classOfRequest(salesforceCalls, request)).toBe("write");
              expect(isAmong(`${request.method} ${request.path}`, known.writes)).toBe(true);
              expect(effect).toBe(request.method === "DELETE" ? "destructive" : "write");
            }
          },
        ),
        { numRuns: operationId.endsWith(".limits") ? 1 : 2_000 },
      );
      // Enough of what is generated gets through, so that it is judged at all.
      expect(sent).toBeGreaterThan(operationId.endsWith(".limits") ? 0 : 50);
    });
  },
);

/** What it would send; that it cannot be done so is a good end too. */
async function prepared(
  operation: Operation,
  bench: ReturnType<typeof operationBench>,
  input: unknown,
) {
  try {
    if (operation.effect !== "read") return await bench.prepare(operation, input);
    await bench.run(operation, input);
    return [];
  } catch (error) {
    if (error instanceof OperationFailedError) return [];
    throw error;
  }
}

test("objects that hold code, sessions or credentials are written by no operation", () => {
  for (const name of ["ApexClass", "apextrigger", "AuthSession", "NamedCredential", "OauthToken"]) {
    expect(createRecord.input.safeParse({ object: name, values: {} }).success).toBe(false);
  }
});

describe("texts in queries and searches", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("'", "\\", '"', "\n", "a", " for update ", "{", "}", "u") }),
    // Signs that are read together as one, or one as several.
    fc.string({
      unit: fc.constantFrom("\u1100", "\u1161", "\u3131", "\u314f", "\u3396", "e", " "),
    }),
  );

  test("a text in a query is one text, letter by letter, whatever it holds", () => {
    fc.assert(
      fc.property(text, (value) => {
        const written = `SELECT Id FROM Account WHERE Name = ${soqlText(value)} LIMIT 1`;
        const strings = tokensOf(written).filter(({ isString }) => isString);
        expect(strings.map((token) => token.text)).toEqual([value]);
        expect(tokensOf(written)).toHaveLength(10);
        expect(changesData(written)).toBe(false);
      }),
      runs,
    );
  });

  test("a value is a literal of its type or none", () => {
    const types = fc.constantFrom("double", "boolean", "date", "datetime", "location", "base64");
    fc.assert(
      fc.property(types, fc.oneof(text, fc.double(), fc.boolean()), (type, value) => {
        const literal = soqlLiteral(type, value);
        if (literal !== null) expect(literal).toMatch(/^[-\d.:TZ+]+$|^(?:true|false)$/);
      }),
      runs,
    );
  });

  test("words of a search are only words: no clause, no operator, no bracket", () => {
    fc.assert(
      fc.property(text, (value) => {
        if (!isSearchable(value)) return;
        const words = searchWords(value);
        expect(() => parseFind(words)).not.toThrow();
        const whole = `FIND {${words}} IN ALL FIELDS RETURNING Account(Id)`;
        expect(
          /^FIND \{(?:[^{}\\]|\\.)*\} IN ALL FIELDS RETURNING Account\(Id\)$/su.test(whole),
        ).toBe(true);
        expect(changesData(whole)).toBe(false);
      }),
      runs,
    );
  });

  test.each([
    ["one syllable of two signs", "\u1100\u1161", false],
    ["one syllable of two signs for typing", "\u3131\u314f", false],
    ["a unit's sign, which is no letter", "\u3396 a", false],
    ["two syllables", "\uac00\ub098", true],
    ["one letter twice over", "a b", true],
    ["a letter with two marks", "e\u0301\u0302", false],
  ])("%s is enough to search for, or not", (_of, value, isEnough) => {
    expect(isSearchable(value)).toBe(isEnough);
  });
});

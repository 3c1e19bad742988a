import fc from "fast-check";
import { expect, test } from "vitest";
import { changesData } from "#lib/providers/salesforce/soql.ts";

test.each([
  ["SELECT Id FROM Account", false],
  ["SELECT Id FROM Account FOR UPDATE", true],
  ["select id from account for\t\n view", true],
  ["SELECT Id FROM Account FOR REFERENCE", true],
  ["SELECT Title FROM FAQ__kav UPDATE TRACKING", true],
  ["SELECT Title FROM FAQ__kav UPDATE VIEWSTAT", true],
  ["SELECT Id FROM Account WHERE Name = 'for update'", false],
  ["SELECT Id FROM Account WHERE Name = 'it\\'s for view'", false],
  ["SELECT Id FROM Account WHERE Name = 'a\\\\' FOR UPDATE", true],
  ["SELECT Id FROM Account WHERE Name = '' FOR UPDATE", true],
  ["SELECT Format__c, ForUpdate__c FROM Account", false],
  ["FIND {for update} IN NAME FIELDS RETURNING Account", false],
  ["FIND {O'Brien} RETURNING FAQ__kav UPDATE TRACKING", true],
  ["FIND {a\\}b'} RETURNING FAQ__kav UPDATE VIEWSTAT", true],
])("[BRK-7] %s leaves a trace: %s", (query, expected) => {
  expect(changesData(query)).toBe(expected);
});

test("[BRK-7] a query too long to look through counts as one that leaves a trace", () => {
  expect(changesData(`SELECT Id FROM Account WHERE Name = '${"a".repeat(200_000)}'`)).toBe(true);
});

test("[BRK-7] no quoted value hides a clause behind it, and none stands for one", () => {
  const value = fc
    .string({ unit: fc.constantFrom("a", "'", "\\", " ", "for update", "\n", "{", "}") })
    .map((text) => text.replaceAll(/[\\']/g, "\\$&"));
  fc.assert(
    fc.property(value, (text) => {
      const query = `SELECT Id FROM Account WHERE Name = '${text}'`;
      expect(changesData(query)).toBe(false);
      expect(changesData(`${query} FOR UPDATE`)).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});

import { expect, test } from "vitest";
import { soqlWanted } from "#components/explorer/soql-completion.ts";

/** The cursor stands at `|`. */
const at = (marked: string) => soqlWanted(marked.replace("|", ""), marked.indexOf("|"));

test.each([
  ["|", { kind: "keywords", words: ["SELECT"], from: 0 }],
  ["SELECT Id FROM |", { kind: "objects", from: 15 }],
  ["SELECT Id FROM Acc|", { kind: "objects", from: 15 }],
  ["SELECT | FROM Contact", { kind: "fields", object: "Contact", path: [], from: 7 }],
  ["SELECT Id, Na| FROM Contact", { kind: "fields", object: "Contact", path: [], from: 11 }],
  ["SELECT Owner.Na| FROM Case", { kind: "fields", object: "Case", path: ["Owner"], from: 13 }],
  ["SELECT Id FROM Lead WHERE |", { kind: "fields", object: "Lead", path: [], from: 26 }],
  ["SELECT Id FROM Lead ORDER BY |", { kind: "fields", object: "Lead", path: [], from: 29 }],
] as const)("%s", (marked, wanted) => {
  expect(at(marked)).toEqual(wanted);
});

test("words go on from an object, and nothing completes inside quotes or behind LIMIT", () => {
  expect(at("SELECT Id FROM Lead W|")).toMatchObject({ kind: "keywords" });
  expect(at("SELECT Id |")).toMatchObject({ words: ["FROM"] });
  expect(at("SELECT Id FROM Lead WHERE Name = 'FROM |")).toBeNull();
  expect(at("SELECT Id FROM Lead LIMIT |")).toBeNull();
});

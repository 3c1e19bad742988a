import { expect, test } from "vitest";
import { compileRules, judged, type Rule } from "#lib/providers/call-rules.ts";
import {
  marketingCloudRules,
  marketingCloudShapes,
} from "#lib/providers/marketing-cloud/call-rules.ts";
import { unknownCall } from "#lib/providers/proxied-call.ts";
import { salesforceRules, salesforceShapes } from "#lib/providers/salesforce/call-rules.ts";
import { proxiedCall } from "#lib/testing/proxied-call.ts";

const samples: Readonly<Record<string, string>> = {
  v: "v64.0",
  api: "u",
  soapVersion: "64.0",
  object: "Account",
  activity: "queries",
  audience: "messageList",
  channel: "email",
  family: "data",
  guid: "11111111-2222-3333-4444-555555555555",
  keyed: "key:orders",
  mobile: "keyword",
};
const filled = (template: string) =>
  template
    .replaceAll(/\{(\w+)\}/g, (_place, name: string) => samples[name] ?? `a${name}`)
    .replace(/\/\*\*$/, "/anything/below");

const salesforce = salesforceRules(() => unknownCall);
const tables: readonly [string, readonly Rule[], Readonly<Record<string, RegExp>>][] = [
  ["Salesforce", salesforce, salesforceShapes],
  ["Marketing Cloud", marketingCloudRules, marketingCloudShapes],
];

for (const [provider, table, shapes] of tables) {
  const rules = compileRules(table, shapes);
  test(`[BRK-7] each line of ${provider}'s table is found by its own address, in any letter case`, () => {
    for (const [methods, template, operation, verdict] of table) {
      for (const method of methods.split(" ")) {
        const asked = method === "*" ? "QUERY" : method;
        const call = proxiedCall(`${asked} ${filled(template)}`);
        const found = rules.find(asked, call.path);
        expect(found?.operation, `${asked} ${template}`).toBe(operation);
        expect(rules.find(asked, call.path.toUpperCase())?.operation).toBe(operation);
        if (found && typeof verdict === "string") expect(judged(found, call).class).toBe(verdict);
      }
    }
  });
}

test("a literal goes before a place, a place before the rest, and one line means one thing", () => {
  const { find } = compileRules(
    [
      ["GET", "/a/**", "rest", "unknown"],
      ["GET", "/a/{id}", "place", "write"],
      ["GET", "/a/b", "literal", "read"],
      ["*", "/a/b/secret", "secret", "credentials"],
    ],
    { id: /^\d+$/ },
  );
  const operationAt = (path: string, method = "GET") => find(method, path)?.operation;
  expect(operationAt("/a/b")).toBe("literal");
  expect(operationAt("/A/B/")).toBe("literal");
  expect(operationAt("/a/1")).toBe("place");
  expect(operationAt("/a/x")).toBe("rest");
  expect(operationAt("/a/b/x")).toBe("rest");
  expect(operationAt("/a/b/secret")).toBe("secret");
  expect(operationAt("/a/b", "POST")).toBeUndefined();
  expect(operationAt("/a/b", "HEAD")).toBe("literal");
  expect(operationAt("/b")).toBeUndefined();
  const twice: Rule = ["GET", "/a", "one", "read"];
  expect(() => compileRules([twice, twice], {})).toThrow("two lines");
});

import { describe, expect, test } from "vitest";
import type { Role } from "#lib/core/principal.ts";
import {
  isProductionTarget,
  mayMove,
  missingParts,
  neededParts,
  partOf,
  partToGive,
  risksOf,
  seesContent,
  wronglyTyped,
} from "#lib/plans/plan-state.ts";
import { planStates, type Risk } from "#lib/plans/plan-states.ts";
import type { Effect } from "#lib/providers/operation.ts";
import { type Environment, unknownRecipients } from "#lib/providers/vocabulary.ts";

const plan = { ownerId: "owner", proposedById: null, state: "proposed", approvals: [] } as const;
const by = (userId: string, role: Role = "admin") => ({ userId, role });

describe("what a plan risks", () => {
  const none = new Set<Effect>(["write"]);
  test.each<[string, ReadonlySet<Effect>, number, number, boolean, Risk[]]>([
    ["a plain write in a sandbox", none, 199, 0, false, []],
    ["production", none, 1, 0, true, ["production"]],
    ["200 records", none, 200, 0, false, ["bulk"]],
    ["a deletion", new Set<Effect>(["write", "destructive"]), 1, 0, false, ["destructive"]],
    ["a send, code", new Set<Effect>(["send", "code"]), 0, 199, false, ["code", "send"]],
    ["one step to 200 people", new Set<Effect>(["send"]), 1, 200, false, ["bulk", "send"]],
    [
      "nobody knows how many",
      new Set<Effect>(["send"]),
      1,
      unknownRecipients,
      false,
      ["bulk", "send"],
    ],
  ])("%s", (_what, kinds, records, recipients, isProduction, expected) => {
    const targets = [{ isProduction: false }, { isProduction }];
    expect(risksOf({ kinds, records, recipients }, targets)).toEqual(expected);
  });

  test.each<[Environment, string | null, boolean]>([
    ["production", "acme--uat.sandbox.my.salesforce.com", true],
    ["sandbox", "acme--uat.sandbox.my.salesforce.com", false],
    ["sandbox", "test.salesforce.com", false],
    ["sandbox", "acme.my.salesforce.com", true],
    ["custom", "acme.my.salesforce.com", true],
    ["custom", "acme--uat.sandbox.my.salesforce.com", false],
    ["custom", null, true],
    ["custom", "orgfarm-dev-ed.develop.my.salesforce.com", false],
    ["demo", "acme.my.salesforce.com", false],
  ])("an org called %s under %s is production: %s", (environment, host, expected) => {
    expect(isProductionTarget({ provider: "salesforce", environment, host })).toBe(expected);
  });

  test("a business unit is production, unless it is the demo's", () => {
    const unit = { provider: "marketing-cloud", host: null } as const;
    expect(isProductionTarget({ ...unit, environment: "production" })).toBe(true);
    expect(isProductionTarget({ ...unit, environment: "demo" })).toBe(false);
  });
});

test("[PLN-6] a name counts as typed letter for letter; only spaces around it do not count", () => {
  const org = { connectionId: "a", name: "Halden Production", isProduction: true };
  const sandbox = { connectionId: "b", name: "uat", isProduction: false };
  const wrong = (typedNames: Record<string, string>) =>
    wronglyTyped([org, sandbox], { typedNames });
  expect(wrong({ a: " Halden Production " })).toEqual([]);
  for (const typed of [{}, { a: "halden production" }, { b: "Halden Production" }, { a: "" }]) {
    expect(wrong(typed as Record<string, string>)).toEqual([org]);
  }
});

test("[PLN-6] a name that comes alone is the one that is asked for, and never that of two orgs", () => {
  const org = { connectionId: "a", name: "Halden Production", isProduction: true };
  const other = { ...org, connectionId: "b" };
  const typed = { typedNames: {}, typedName: " Halden Production" };
  expect(wronglyTyped([org], typed)).toEqual([]);
  expect(wronglyTyped([org], { ...typed, typedName: "Halden" })).toEqual([org]);
  expect(wronglyTyped([org], { ...typed, typedNames: { a: "Halden" } })).toEqual([org]);
  expect(wronglyTyped([org, other], typed)).toEqual([org, other]);
});

describe("[PLN-8] two people", () => {
  test("are wanted for exactly the kinds that the team chose", () => {
    expect(neededParts({ risks: [] }, ["production"])).toEqual(["owner"]);
    expect(neededParts({ risks: ["bulk"] }, ["production", "send"])).toEqual(["owner"]);
    expect(neededParts({ risks: ["bulk", "send"] }, ["send"])).toEqual(["owner", "second"]);
  });

  test("are never one: neither the owner of the grants nor the proposer is the second", () => {
    expect(partOf(by("owner", "owner"), plan)).toBe("owner");
    expect(partOf(by("else"), plan)).toBe("second");
    expect(partOf(by("else", "member"), plan)).toBeNull();
    expect(partOf(by("else"), { ...plan, proposedById: "else" })).toBeNull();
  });

  test("are both waited for, whoever comes first", () => {
    const risky = { ...plan, risks: ["send"] } as const;
    const second = { ...risky, approvals: [{ part: "second" }] } as const;
    expect(missingParts(risky, ["send"])).toEqual(["owner", "second"]);
    expect(missingParts(second, ["send"])).toEqual(["owner"]);
    expect(partToGive(by("else"), second, ["send"])).toBeNull();
    expect(partToGive(by("owner"), second, ["send"])).toBe("owner");
    expect(partToGive(by("else"), risky, [])).toBeNull();
  });
});

test("[TEN-4] an admin sees what a plan writes only where their word is asked for", () => {
  const risky = { ...plan, risks: ["send"] as Risk[], approvals: [] };
  expect(seesContent(by("owner", "member"), risky, [])).toBe(true);
  expect(seesContent(by("else"), risky, [])).toBe(false);
  expect(seesContent(by("else"), risky, ["send"])).toBe(true);
  expect(seesContent(by("else", "member"), risky, ["send"])).toBe(false);
  expect(seesContent(by("else"), { ...risky, state: "applied" }, ["send"])).toBe(false);
  const approvals = [{ part: "second" as const, userId: "else" }];
  expect(seesContent(by("else"), { ...risky, state: "applied", approvals }, [])).toBe(true);
});

test("[PLN-4] a plan that has ended moves nowhere, and only what is approved is applied", () => {
  for (const from of ["applied", "rejected", "cancelled", "expired"] as const) {
    expect(planStates.filter((to) => mayMove(from, to))).toEqual([]);
  }
  // Stopped at a step that nobody could settle, it goes on once a person has.
  expect(planStates.filter((from) => mayMove(from, "applying"))).toEqual(["approved", "stopped"]);
});

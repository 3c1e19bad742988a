import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlanDamagedError } from "#lib/plans/errors.ts";
import {
  canonicalText,
  contentOfStep,
  hashOfPlan,
  hashOfText,
  openStep,
  type PlanHeader,
} from "#lib/plans/plan-content.ts";
import type { PlanTarget } from "#lib/plans/schema.ts";
import type { PreparedStep } from "#lib/providers/operation.ts";
import { emptyPreview } from "#lib/providers/preview.ts";

const id = (last: number) => `00000000-0000-4000-8000-${String(last).padStart(12, "0")}`;
const target: PlanTarget = {
  connectionId: id(1),
  name: "Halden Production",
  provider: "salesforce",
  environment: "production",
  isProduction: true,
  orgId: "00D000000000001EAA",
  memberId: null,
  orgName: "Halden",
  username: "dana@halden.example",
  providerUserId: "005000000000001AAA",
};
const header: PlanHeader = {
  id: id(2),
  teamId: id(3),
  ownerId: id(4),
  agentId: id(5),
  keyId: id(6),
  proposedById: null,
  version: 1,
  title: "Correct three e-mail addresses",
  reason: "They bounced.",
  expiresAt: new Date("2026-03-02T10:00:00.000Z"),
  targets: [target],
  risks: ["production"],
  warnings: [{ code: "production", steps: 1 }],
  records: 1,
  recipients: 0,
};
const step: PreparedStep = {
  title: "Update 1 contact",
  effect: "write",
  request: {
    door: "rest",
    method: "PATCH",
    path: "/services/data/v62.0/sobjects/Contact/003000000000001AAA",
    query: "",
    contentType: "application/json",
    soapAction: null,
    headers: {},
    body: '{"Email":"ann@halden.example"}',
  },
  preview: {
    ...emptyPreview,
    changes: [
      {
        subject: "Ann Berg",
        subjectId: "003000000000001AAA",
        field: "Email",
        before: "ann@old.example",
        after: "ann@halden.example",
      },
    ],
    changesTotal: 1,
  },
  records: 1,
  recipients: 0,
  observed: { modified: "2026-03-01T08:00:00.000Z" },
  context: { object: "Contact", ids: ["003000000000001AAA"] },
};
const place = {
  plan: header,
  position: 1,
  target: { ...target, host: "halden.my.salesforce.com" },
  operationId: "salesforce.records.update",
  input: { object: "Contact" },
  inputPosition: 1,
};
const { content, hash } = contentOfStep(place, step);
const row = {
  position: 1,
  version: 1,
  connectionId: target.connectionId,
  operationId: place.operationId,
  effect: step.effect,
  title: step.title,
  records: 1,
  recipients: 0,
  content,
  hash,
};

/** Every value in a tree, each by its path, with what it would be if it were another. */
function leaves(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Object.entries(value);
  return entries.length === 0
    ? [path]
    : entries.flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

function changed(value: unknown, [name, ...rest]: (string | number)[]): unknown {
  if (name === undefined) return value === null ? "x" : Array.isArray(value) ? ["x"] : other(value);
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  Object.assign(copy, { [name]: changed((value as Record<string, unknown>)[name], rest) });
  return copy;
}
const other = (value: unknown) =>
  typeof value === "string"
    ? `${value}x`
    : typeof value === "number"
      ? value + 1
      : typeof value === "boolean"
        ? !value
        : { x: 1 };

describe("[PLN-1] the hash covers every byte", () => {
  test("[PLN-1] any changed byte of a step's stored text changes its hash and is refused", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: content.length - 1 }),
        fc.integer({ min: 32, max: 126 }),
        (at, code) => {
          const character = String.fromCharCode(code);
          fc.pre(content[at] !== character);
          const spoilt = content.slice(0, at) + character + content.slice(at + 1);
          expect(hashOfText(spoilt)).not.toBe(hash);
          expect(() => openStep(header, { ...row, content: spoilt })).toThrow(PlanDamagedError);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each(leaves(JSON.parse(content)).map((path) => [path.join("."), path] as const))(
    "[PLN-1] %s of a step is in its hash, and its step's hash is in the plan's",
    (_name, path) => {
      const text = canonicalText(changed(JSON.parse(content), path));
      expect(hashOfText(text)).not.toBe(hash);
      expect(hashOfPlan(header, [hashOfText(text)])).not.toBe(hashOfPlan(header, [hash]));
    },
  );

  const { expiresAt, ...plain } = header;
  test.each(leaves(plain).map((path) => [path.join("."), path] as const))(
    "[PLN-1] %s of a plan is in its hash",
    (_name, path) => {
      const spoilt = { ...(changed(plain, path) as typeof plain), expiresAt };
      expect(hashOfPlan(spoilt, [hash])).not.toBe(hashOfPlan(header, [hash]));
    },
  );

  test("[PLN-1] when it ends, how many steps it has and in which order are in its hash", () => {
    const later = { ...header, expiresAt: new Date(expiresAt.getTime() + 1) };
    const [one, two] = [hashOfText("one"), hashOfText("two")];
    const hashes = [
      hashOfPlan(header, [one, two]),
      hashOfPlan(header, [two, one]),
      hashOfPlan(header, [one]),
      hashOfPlan(header, [one, two, two]),
      hashOfPlan(later, [one, two]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

test("the same content has the same text, in whatever order its members came", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
      fc.pre(JSON.stringify(value).isWellFormed());
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalText(turned)).toBe(canonicalText(value));
      expect(canonicalText(JSON.parse(canonicalText(value)))).toBe(canonicalText(value));
    }),
  );
});

test("a stored step opens as what it was made of", () => {
  const opened = openStep(header, row);
  expect(opened).toMatchObject({ ...step, position: 1, operationId: place.operationId });
  expect(canonicalText(opened)).toBe(content);
});

test.each([
  ["another position", { position: 2 }],
  ["another version", { version: 2 }],
  ["another connection", { connectionId: id(9) }],
  ["another effect", { effect: "destructive" }],
  ["another title", { title: "Update 1 account" }],
  ["another count", { records: 3 }],
])("[PLN-2] a step beside which %s is written is refused", (_what, spoilt) => {
  expect(() => openStep(header, { ...row, ...spoilt })).toThrow(PlanDamagedError);
});

test.each([
  ["plan", { id: id(9) }],
  ["team", { teamId: id(9) }],
  ["owner", { ownerId: id(9) }],
  ["version", { version: 2 }],
  ["time", { expiresAt: new Date(0) }],
])("[PLN-2] a step of another %s is refused", (_what, spoilt) => {
  expect(() => openStep({ ...header, ...spoilt }, row)).toThrow(PlanDamagedError);
});

import { expect, test } from "vitest";
import { type StepMark, versionChanges } from "#lib/plans/version-changes.ts";

/** "update/1=a": the operation, the record, and what is written. */
const steps = (...said: string[]): StepMark[] =>
  said.map((each, index) => {
    const [place = "", value = ""] = each.split("=");
    const [kind = ""] = place.split("/");
    return { position: index + 1, kind, place, content: `${place}=${value}` };
  });
const between = (before: string[], after: string[]) => {
  const { changed, removed, isReordered } = versionChanges(steps(...before), steps(...after));
  return { changed, removed: removed.map(({ position }) => position), isReordered };
};
const none = { changed: [], removed: [], isReordered: false };

test("what stayed is no change, also where a step before it went away", () => {
  expect(between(["update/1=a", "update/2=b"], ["update/1=a", "update/2=b"])).toEqual(none);
  expect(between(["update/1=a", "update/2=b"], ["update/2=b"])).toEqual({ ...none, removed: [1] });
});

test("another value on the same record is a change of that step, and not of another one", () => {
  expect(between(["update/1=a", "update/2=b"], ["update/2=c", "update/1=a"])).toEqual({
    ...none,
    changed: [{ position: 1, was: 2 }],
  });
});

test("where the record is another, the step of the same operation is what it was before", () => {
  expect(between(["create/new=a", "update/1=a"], ["create/new=b", "update/9=a"])).toEqual({
    ...none,
    changed: [
      { position: 1, was: 1 },
      { position: 2, was: 2 },
    ],
  });
});

test("a step of an operation that was not there is new, and one that nothing followed was removed", () => {
  expect(between(["update/1=a"], ["update/1=a", "delete/1="])).toEqual({
    ...none,
    changed: [{ position: 2, was: null }],
  });
  expect(between(["delete/1="], ["update/1=a"])).toEqual({
    ...none,
    changed: [{ position: 1, was: null }],
    removed: [1],
  });
});

test("the same step twice is matched once each", () => {
  expect(between(["update/1=a"], ["update/1=a", "update/1=a"])).toEqual({
    ...none,
    changed: [{ position: 2, was: null }],
  });
});

test("another order is said, though every step is the same", () => {
  expect(between(["update/1=a", "update/2=b"], ["update/2=b", "update/1=a"])).toEqual({
    ...none,
    isReordered: true,
  });
});

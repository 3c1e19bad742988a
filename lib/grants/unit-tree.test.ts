import { expect, test } from "vitest";
import { unitTree } from "#lib/grants/unit-tree.ts";

const unit = (accountId: number, name: string, parentId: number | null = null) => ({
  accountId,
  name,
  parentId,
  isActive: true,
});
const shape = (units: ReturnType<typeof unitTree>) =>
  units.map(({ name, depth }) => `${"  ".repeat(depth)}${name}`);

test("each unit stands below its parent, siblings by name and number", () => {
  const units = [
    unit(4, "Shop 10", 2),
    unit(3, "Shop 9", 2),
    unit(5, "Asia", 1),
    unit(2, "Europe", 1),
    unit(1, "Acme"),
  ];
  expect(shape(unitTree(units))).toEqual([
    "Acme",
    "  Asia",
    "  Europe",
    "    Shop 9",
    "    Shop 10",
  ]);
});

test("a unit whose parent is not there stands at the top", () => {
  expect(shape(unitTree([unit(7, "Alone", 99), unit(1, "Acme")]))).toEqual(["Acme", "Alone"]);
});

test("units that name each other in a circle, or themselves, come once each", () => {
  const units = [unit(1, "a", 2), unit(2, "b", 1), unit(3, "c", 3)];
  expect(
    unitTree(units)
      .map(({ accountId }) => accountId)
      .sort(),
  ).toEqual([1, 2, 3]);
});

test("a chain as long as a whole tenant is no burden", () => {
  const units = Array.from({ length: 20_000 }, (_, at) => unit(at + 1, "x", at === 0 ? null : at));
  expect(unitTree(units).at(-1)).toMatchObject({ accountId: 20_000, depth: 19_999 });
});

import { expect, test } from "vitest";
import { afterLoad, newChain, parseChain } from "#components/business-units/units-chain.ts";

const no = () => false;

test("a page that comes back with its own flow goes on with the next unit", () => {
  const chain = { ...newChain([1, 2, 3]), flowId: "flow" };
  expect(afterLoad(chain, "flow", (mid) => mid === 1)).toEqual({
    chain: { asked: [1, 2, 3], left: [2, 3], skipped: [], flowId: null },
    mayCarryOn: true,
  });
});

test("a unit that refused is not tried again by itself", () => {
  const chain = { ...newChain([1, 2]), flowId: "flow" };
  expect(afterLoad(chain, "flow", no).chain.left).toEqual([2]);
});

test("[WEB-5] an address alone sets nothing going, and a reload waits for a word", () => {
  const away = { ...newChain([1, 2]), flowId: "flow" };
  for (const returned of [null, "another flow"]) {
    const { chain, mayCarryOn } = afterLoad(away, returned, no);
    expect([chain.left, mayCarryOn]).toEqual([[1, 2], false]);
  }
  const back = afterLoad(away, "flow", no).chain;
  expect(afterLoad(back, "flow", no).mayCarryOn).toBe(false);
});

test("units that were connected meanwhile are not asked for again", () => {
  const { chain, mayCarryOn } = afterLoad({ ...newChain([1, 2]), flowId: "f" }, "f", () => true);
  expect([chain.left, mayCarryOn]).toEqual([[], false]);
});

test("what is stored and is no chain is none", () => {
  const stored = [
    null,
    "",
    "{",
    "null",
    "[]",
    '{"asked":["1"],"left":[],"flowId":null}',
    '{"asked":[1],"left":[-1],"flowId":null}',
    '{"asked":[1],"left":[1],"flowId":7}',
    '{"asked":[1],"left":[1],"skipped":[{"accountId":1,"why":"<b>"}],"flowId":null}',
    '{"asked":[1],"left":[1],"skipped":[null],"flowId":null}',
    JSON.stringify({ asked: Array(201).fill(1), left: [], flowId: null }),
  ];
  for (const text of stored) expect(parseChain(text), String(text)).toBeNull();
  expect(parseChain('{"asked":[1],"left":[1,2],"flowId":null}')).toEqual({
    asked: [1],
    left: [1],
    skipped: [],
    flowId: null,
  });
});

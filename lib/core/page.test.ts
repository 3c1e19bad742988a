import { expect, test } from "vitest";
import { pageOf, pageQuerySchema } from "#lib/core/page.ts";

const all = ["a", "b", "c", "d", "e"].map((id) => ({ id }));

test("pages in turn are the list, each entry once", () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = pageOf(all, { limit: 2, ...(cursor ? { cursor } : {}) });
    seen.push(...items.map(({ id }) => id));
    cursor = nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual(["a", "b", "c", "d", "e"]);
});

test("a list that fits ends with its page, and behind what has gone nothing follows", () => {
  expect(pageOf(all, { limit: 5 }).nextCursor).toBeNull();
  expect(pageOf(all, { limit: 5, cursor: "gone" })).toEqual({ items: [], nextCursor: null });
  expect(pageQuerySchema.parse({})).toEqual({ limit: 200 });
  expect(pageQuerySchema.safeParse({ limit: "201" }).success).toBe(false);
});

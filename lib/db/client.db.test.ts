import { expect, test } from "vitest";
import { inTransaction } from "#lib/db/client.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db } = await testDatabase();

test("a transaction that fails stores nothing", async () => {
  const failing = inTransaction(db, async (tx) => {
    await tx.team.create({
      data: { id: crypto.randomUUID(), name: "Aurora", createdAt: new Date() },
    });
    throw new Error("afterwards");
  });
  await expect(failing).rejects.toThrow("afterwards");
  expect(await db.team.count()).toBe(0);
});

test("a transaction inside a transaction joins it", async () => {
  const failing = inTransaction(db, async (outer) => {
    await inTransaction(outer, (inner) =>
      inner.team.create({
        data: { id: crypto.randomUUID(), name: "Aurora", createdAt: new Date() },
      }),
    );
    throw new Error("afterwards");
  });
  await expect(failing).rejects.toThrow("afterwards");
  expect(await db.team.count()).toBe(0);
});

test("[TEN-6] an undefined filter is refused instead of matching every row", async () => {
  const missing = undefined as unknown as string;
  await expect(db.team.findMany({ where: { id: missing } })).rejects.toThrow(/undefined/);
});

test("a list is never stored as null, in whichever table", async () => {
  const nullable = await db.$queryRaw`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = current_schema() and data_type = 'ARRAY' and is_nullable = 'YES'`;
  expect(nullable).toEqual([]);
  const nulled = db.$executeRaw`
    insert into teams (id, name, four_eyes, created_at)
    values (gen_random_uuid(), 'Aurora', null, now())`;
  await expect(nulled).rejects.toThrow(/four_eyes/);
});

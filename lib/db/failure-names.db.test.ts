import { expect, test } from "vitest";
import { inTransaction } from "#lib/db/client.ts";
import { isSetBack } from "#lib/db/set-back.ts";
import { isDatabaseUnavailable } from "#lib/db/unavailable.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps } = await testStudio();

const failed = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
/** As the server itself ends a statement with this state. */
const endedWith = (state: string) => () =>
  deps.db.$executeRawUnsafe(
    `do $$ begin raise exception 'ended' using errcode = '${state}'; end $$`,
  );
const endsItself = "select pg_terminate_backend(pg_backend_pid())";

test.each([
  ["a session that the server ended", () => deps.db.$queryRawUnsafe(endsItself)],
  ["a server that starts", endedWith("57P03")],
  ["a server that is full", endedWith("53300")],
  [
    "a session that ended inside a transaction",
    () =>
      inTransaction(deps.db, async (tx) => {
        await tx.$queryRawUnsafe(endsItself).catch(() => {});
        await tx.user.findFirst();
      }),
  ],
])("a query tells that the database is away: %s", async (_what, work) => {
  const error = await failed(work());
  expect([isDatabaseUnavailable(error), isSetBack(error)]).toEqual([true, false]);
});

test.each([
  ["a deadlock", "40P01"],
  ["a conflict", "40001"],
])("a raw query tells that the database set it back: %s", async (_what, state) => {
  const error = await failed(endedWith(state)());
  expect([isDatabaseUnavailable(error), isSetBack(error)]).toEqual([false, true]);
});

test("a raw query that is wrong is neither", async () => {
  const error = await failed(deps.db.$queryRawUnsafe("select nothing from nowhere"));
  expect([isDatabaseUnavailable(error), isSetBack(error)]).toEqual([false, false]);
});

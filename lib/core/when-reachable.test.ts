import { expect, test, vi } from "vitest";
import { whenReachable } from "#lib/core/when-reachable.ts";

const slow = new Error("Connection terminated due to connection timeout");

test("a database that is slow to answer at the start is asked again", async () => {
  vi.useFakeTimers();
  const work = vi.fn().mockRejectedValueOnce(slow).mockRejectedValueOnce(slow).mockResolvedValue(7);
  const done = whenReachable(work);
  await vi.runAllTimersAsync();
  expect(await done).toBe(7);
  vi.useRealTimers();
});

test("one that refuses, or a setting that is wrong, ends the start at once", async () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  for (const error of [refused, new Error("VAULT_KEYS is too short")]) {
    const work = vi.fn().mockRejectedValue(error);
    await expect(whenReachable(work)).rejects.toBe(error);
    expect(work).toHaveBeenCalledOnce();
  }
});

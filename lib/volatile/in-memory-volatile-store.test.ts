import { testClock } from "#lib/testing/clock.ts";
import { createInMemoryVolatileStore } from "#lib/volatile/in-memory-volatile-store.ts";
import { describeVolatileStoreContract } from "#lib/volatile/volatile-store.contract.ts";

describeVolatileStoreContract("in memory", async () => {
  const clock = testClock();
  return {
    store: createInMemoryVolatileStore(clock),
    passMs: async (ms) => clock.advanceSeconds(ms / 1_000),
  };
});

import { expect, test } from "vitest";
import { marketingCloudOperations } from "#lib/providers/marketing-cloud/operations/table.ts";
import { halden } from "#lib/simulator/marketing-cloud/testing.ts";
import { marketingCloudBench } from "#lib/testing/marketing-cloud-bench.ts";

// Nobody has sent the message of the one example.
const tried = marketingCloudOperations.filter(({ id }) => id !== "marketing-cloud.sends.status");

test.each(tried.map((operation) => [operation.id, operation] as const))(
  "%s: its example does something where nobody has changed anything yet",
  async (_id, operation) => {
    const bench = await marketingCloudBench();
    if (operation.effect === "read") {
      expect(operation.rowsOf(await bench.run(operation, operation.example))).toBeGreaterThan(
        operation.id.endsWith("contacts.search") ? -1 : 0,
      );
    } else {
      expect(await bench.prepare(operation, operation.example)).not.toHaveLength(0);
    }
  },
);

// To the provider an entry event takes no more than reading.
const refused = tried.filter(
  ({ id, effect }) => effect !== "read" && id !== "marketing-cloud.journeys.fire-event",
);

test.each(refused.map((operation) => [operation.id, operation] as const))(
  "%s: who may only read is told which scopes it takes",
  async (_id, operation) => {
    const bench = await marketingCloudBench({
      ...{ username: halden.jonas, accountId: halden.mids.nordics },
    });
    const outcomes = await bench.all(operation, operation.example);
    expect(outcomes.length).toBeGreaterThan(0);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        ...{ kind: "failed", code: "operations.missing_scope" },
        summary: expect.stringContaining(operation.scopes.join(", ")),
      });
    }
  },
);

import type { PlannedOperation } from "#lib/plans/schema.ts";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import type { Seat, World } from "../world.ts";

/** What plans write to, at both providers. */
export type Stock = {
  /** A write that carries its mark in what it sends, and is one request. */
  operation(seat: Seat, mark: string, random: SeededRandom): PlannedOperation;
};

const rowsOf = "Winback_Audience";

/** Reads what there is to be changed. */
export async function takeStock(world: World): Promise<Stock> {
  const seat = world.seats.find(({ account }) => account.provider === "salesforce");
  const found = await world.person.ask(world.instances[0].port, {
    method: "POST",
    path: "/api/operations/salesforce.query",
    json: {
      connectionId: seat?.connectionId,
      input: { soql: "SELECT Id FROM Account LIMIT 200" },
    },
  });
  if (found.status !== 200) throw new Error(`accounts: ${found.status} ${found.body}`);
  const ids = [...found.body.matchAll(/"(001[A-Za-z0-9]{15})"/g)].map(([, id]) => id ?? "");
  if (ids.length === 0) throw new Error("there are no accounts to change");
  return {
    operation({ account, connectionId }, mark, random) {
      if (account.provider === "marketing-cloud") {
        const rows = [{ SubscriberKey: mark, EmailAddress: "ada@rookhope.example" }];
        const input = { key: rowsOf, rows };
        return { operationId: "marketing-cloud.rows.upsert", connectionId, input };
      }
      if (random.int(0, 2) === 0) {
        const input = { object: "Account", values: { Name: mark } };
        return { operationId: "salesforce.records.create", connectionId, input };
      }
      const input = { object: "Account", id: random.pick(ids), values: { Description: mark } };
      return { operationId: "salesforce.records.update", connectionId, input };
    },
  };
}

import type { Row } from "./data-types.ts";
import { person } from "./seed-columns.ts";
import type { DataExtensionPlan } from "./seed-plan.ts";
import { bulkRandom } from "./seed-random.ts";

/** The rows that a data extension is founded with; the same ones for a seed, a unit and a key. */
export function seedRows(seed: string, mid: number, plan: DataExtensionPlan): Row[] {
  const random = bulkRandom(`${seed}:${mid}:${plan.key}`);
  return Array.from({ length: plan.rowCount }, (_, index) => {
    const who = person(random, index);
    return Object.fromEntries(
      plan.columns.map((column) => [column.name, column.value(random, index, who)]),
    );
  });
}

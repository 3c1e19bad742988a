import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { childrenOf, findObject, type ObjectSpec } from "#lib/simulator/salesforce/objects.ts";
import { isVisibleObject } from "#lib/simulator/salesforce/query-fields.ts";
import { createRecord } from "#lib/simulator/salesforce/record-writes.ts";
import { bodyOf, failure, listOf } from "#lib/simulator/salesforce/rest-body.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";

const mostRecords = 200;
const mostLevels = 5;

type Result = { referenceId: string; id?: string; errors?: unknown[] };

function plant(
  call: RestCall,
  spec: ObjectSpec,
  records: readonly Record<string, unknown>[],
  link: Record<string, string>,
  level: number,
  results: Result[],
): void {
  if (level > mostLevels) {
    throw new RestRefusal(400, "INVALID_INPUT", `a tree has at most ${mostLevels} levels`);
  }
  for (const record of records) {
    const { attributes, ...given } = record;
    const { referenceId = "" } = (attributes ?? {}) as { referenceId?: string };
    const values: Record<string, unknown> = { ...link };
    const branches: { spec: ObjectSpec; field: string; records: Record<string, unknown>[] }[] = [];
    for (const [name, value] of Object.entries(given)) {
      const child = childrenOf(spec).find((one) => one.name?.toLowerCase() === name.toLowerCase());
      const inner = (value as { records?: unknown } | null)?.records;
      if (!child || !Array.isArray(inner)) values[name] = value;
      else branches.push({ spec: child.spec, field: child.field.name, records: inner });
    }
    let id: string;
    try {
      id = createRecord(call, spec, values).Id;
    } catch (error) {
      results.push({ referenceId, errors: failure(error).errors });
      continue;
    }
    results.push({ referenceId, id });
    for (const branch of branches) {
      plant(call, branch.spec, branch.records, { [branch.field]: id }, level + 1, results);
    }
  }
}

const countOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + countOf(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  const own = "attributes" in value ? 1 : 0;
  return own + Object.entries(value).reduce((sum, [, inner]) => sum + countOf(inner), 0);
};

/** `composite/tree/{X}`: records with their children, all of them or none. */
export function tree(call: RestCall, name: string): SimulatorResponse {
  const spec = findObject(name);
  if (!spec || !isVisibleObject(call, spec)) throw notFound();
  const records = listOf(bodyOf(call).records, mostRecords);
  if (countOf(records) > mostRecords) {
    throw new RestRefusal(400, "INVALID_INPUT", `at most ${mostRecords} records in a tree`);
  }
  const results = call.store.atomically(
    () => {
      const all: Result[] = [];
      plant(call, spec, records, {}, 1, all);
      return all;
    },
    (all) => all.every(({ errors }) => !errors),
  );
  const failed = results.filter(({ errors }) => errors);
  // When one fails nothing is made, and only the failures are told.
  if (failed.length) return json(400, { hasErrors: true, results: failed });
  return json(201, { hasErrors: false, results });
}

import { z } from "zod";
import {
  type Column,
  columnSchema,
} from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import { type Cell, cellInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  fitsPath,
  pathOf,
  restRequest,
} from "#lib/providers/marketing-cloud/operations/request.ts";
import type { Row } from "#lib/providers/marketing-cloud/operations/rows.ts";
import { writeRequest } from "#lib/providers/marketing-cloud/operations/soap-write.ts";
import { el } from "#lib/providers/marketing-cloud/xml.ts";
import type { ProviderRequest, StoredStep } from "#lib/providers/operation.ts";

/** What a stored step knows beside its request. */
const contextSchema = z.object({
  key: z.string(),
  columns: z.array(columnSchema),
  added: z.number().int(),
  /** Only where the request is SOAP: else they are read out of its body. */
  rows: z.array(z.record(z.string(), z.string().nullable())).nullable(),
});

/** The synchronous route; SOAP where the key cannot stand in an address. */
export function upsertRequest(
  key: string,
  keys: readonly Column[],
  rows: readonly Readonly<Record<string, Cell>>[],
): ProviderRequest {
  const isKey = (name: string) => keys.some((column) => column.name === name);
  const split = rows.map((row) => {
    const pairs = Object.entries(row);
    return {
      keys: pairs.filter(([name]) => isKey(name)),
      values: pairs.filter(([name]) => !isKey(name)),
    };
  });
  if (fitsPath(key)) {
    const body = split.map((row) => ({
      keys: Object.fromEntries(row.keys),
      values: Object.fromEntries(row.values),
    }));
    return restRequest("POST", pathOf`/hub/v1/dataevents/key:${key}/rowset`, { body });
  }
  const pairsOf = (name: string, pairs: readonly [string, Cell][]) =>
    pairs.map(([column, cell]) =>
      el(name, [el("Name", column), el("Value", cell === null ? "" : String(cell))]),
    );
  const objects = split.map((row) =>
    el(
      "Objects",
      [
        el("CustomerKey", key),
        el("Keys", pairsOf("Key", row.keys)),
        el("Properties", pairsOf("Property", row.values)),
      ],
      "DataExtensionObject",
    ),
  );
  return writeRequest("Update", objects, { addsMissing: true });
}

const bodySchema = z.array(
  z.object({ keys: z.record(z.string(), cellInput), values: z.record(z.string(), cellInput) }),
);

/** The rows of a stored step, as its request has them. */
export function writtenBy(step: StoredStep) {
  const { key, columns, added, rows } = contextSchema.parse(step.context);
  const written: Row[] =
    rows ??
    bodySchema
      .parse(JSON.parse(step.request.body ?? "[]"))
      .map(({ keys, values }) =>
        Object.fromEntries(
          Object.entries({ ...values, ...keys }).map(([name, cell]) => [
            name,
            cell === null ? null : String(cell),
          ]),
        ),
      );
  return { key, columns, added, written };
}

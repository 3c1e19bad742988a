import type { Json } from "#lib/core/json.ts";
import type { PreparedStep, ProviderRequest } from "#lib/providers/operation.ts";
import type { Preview } from "#lib/providers/preview.ts";
import { nameOf } from "#lib/providers/salesforce/operations/changes.ts";
import {
  type Described,
  type Field,
  stampFieldOf,
} from "#lib/providers/salesforce/operations/describe.ts";
import type { Written } from "#lib/providers/salesforce/operations/fields-to-write.ts";
import type { SalesforceRecord } from "#lib/providers/salesforce/operations/records.ts";
import { quoted } from "#lib/providers/salesforce/operations/refusals.ts";
import { restRequest } from "#lib/providers/salesforce/operations/request.ts";
import { type StepContext, toContext } from "#lib/providers/salesforce/operations/step-context.ts";

/** Salesforce takes so many in a collection. */
export const mostInStep = 200;

/** One record of a step. */
export type Item = {
  object: Described;
  id: string | null;
  /** How the record is told from others where it has no id yet. */
  key: { field: Field; value: string | number } | null;
  written: readonly Written[];
  before: SalesforceRecord | null;
};

export type Shape = Pick<StepContext, "action" | "isSingle" | "allOrNone">;

/** What `observe`, `conclude` and `settle` will know of a step. */
export function contextFor(shape: Shape, items: readonly Item[]): StepContext {
  const objects: StepContext["objects"] = {};
  for (const { object, key, written } of items) {
    const known = objects[object.name];
    objects[object.name] = {
      stampField: stampFieldOf(object),
      types: {
        ...known?.types,
        ...Object.fromEntries(written.map(({ field }) => [field.name, field.type])),
        ...(key ? { [key.field.name]: key.field.type } : {}),
      },
      keyField: key?.field.name ?? known?.keyField ?? null,
    };
  }
  return {
    ...shape,
    objects,
    targets: items.map(({ object, id, key }) => ({
      object: object.name,
      id,
      key: key?.value ?? null,
    })),
  };
}

const valuesOf = ({ written }: Pick<Item, "written">): Record<string, Json> =>
  Object.fromEntries(written.map(({ field, value }) => [field.name, value]));

/** A stamp as HTTP writes dates; its seconds are all that Salesforce keeps. */
function unmodifiedSince({ object, before }: Item): Record<string, string> {
  const field = stampFieldOf(object);
  const stamp = field && before ? before[field] : null;
  const at = typeof stamp === "string" ? Date.parse(stamp.replace(/\+0000$/, "Z")) : Number.NaN;
  // Salesforce itself stops where the record moved between the last look and this request.
  return Number.isNaN(at) ? {} : { "if-unmodified-since": new Date(at).toUTCString() };
}

/** The bytes of a step. */
function requestFor(shape: Shape, items: readonly Item[]): ProviderRequest {
  const [first] = items as [Item, ...Item[]];
  const { action, allOrNone } = shape;
  if (shape.isSingle) {
    const address = ["sobjects", first.object.name];
    if (action === "create") return restRequest("POST", address, { body: valuesOf(first) });
    const options = { headers: unmodifiedSince(first) };
    if (action === "delete") {
      return restRequest("DELETE", [...address, first.id ?? ""], options);
    }
    return restRequest("PATCH", [...address, first.id ?? ""], {
      ...options,
      body: valuesOf(first),
    });
  }
  const address = ["composite", "sobjects"];
  if (action === "delete") {
    const ids = items.map(({ id }) => id ?? "").join(",");
    return restRequest("DELETE", address, { query: { ids, allOrNone: String(allOrNone) } });
  }
  const records = items.map((item) => ({
    attributes: { type: item.object.name },
    ...(item.id === null ? {} : { id: item.id }),
    ...(action === "upsert" && item.key ? { [item.key.field.name]: item.key.value } : {}),
    ...valuesOf(item),
  }));
  const body = { allOrNone, records };
  if (action === "create") return restRequest("POST", address, { body });
  if (action === "update") return restRequest("PATCH", address, { body });
  const keyField = first.key?.field.name ?? "";
  return restRequest("PATCH", [...address, first.object.name, keyField], { body });
}

const verbs = {
  create: "Create",
  update: "Update",
  upsert: "Create or update",
  delete: "Delete",
} as const;

/** "3 Contact records", "12 records (Contact, Lead)". */
export function countOf(objects: readonly string[]): string {
  const names = [...new Set(objects)];
  const plural = objects.length === 1 ? "record" : "records";
  if (names.length === 1) return `${objects.length} ${names[0]} ${plural}`;
  return `${objects.length} ${plural} (${names.join(", ")})`;
}

/** Whatever a new record will be known by. */
export function newNameOf({ written }: Pick<Item, "written">): string | null {
  const given = (name: string) => {
    const value = written.find(({ field }) => field.name === name)?.value;
    return typeof value === "string" && value.trim() !== "" ? value : null;
  };
  const person = [given("FirstName"), given("LastName")].filter(Boolean).join(" ");
  return given("Name") ?? (person || null) ?? given("Subject");
}

function titleOf({ action, isSingle }: Shape, items: readonly Item[]): string {
  const [first] = items as [Item, ...Item[]];
  if (!isSingle) return `${verbs[action]} ${countOf(items.map(({ object }) => object.name))}`;
  const name = nameOf(first.object, first.before) ?? newNameOf(first);
  const what = name === null ? (first.id ?? "") : quoted(name);
  return `${verbs[action]} ${first.object.name} ${what}`.trim();
}

/** A step whole: what is sent, what is shown, what it was prepared on. */
export const stepFor = (
  shape: Shape,
  items: readonly Item[],
  { preview, observed }: { preview: Preview; observed: Json | null },
): PreparedStep => ({
  title: titleOf(shape, items),
  effect: shape.action === "delete" ? "destructive" : "write",
  request: requestFor(shape, items),
  preview,
  records: items.length,
  recipients: 0,
  observed,
  context: toContext(contextFor(shape, items)),
});

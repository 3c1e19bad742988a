import type { Match } from "#lib/providers/call-rules.ts";
import { type CallClass, type ClassedCall, removing } from "#lib/providers/proxied-call.ts";
import { isRecord, jsonOf, referenceSegment } from "#lib/providers/salesforce/batch-call.ts";
import { isUserObject, objectName } from "#lib/providers/salesforce/credential-objects.ts";
import { classOfObject, classOfObjects } from "#lib/providers/salesforce/object-class.ts";

/** A write of records whose object stands in the path. */
export function classOfRecordWrite({ places }: Match): CallClass {
  const { object = "", id, field } = places;
  const known = classOfObject(object);
  if (known === "credentials" || (field !== undefined && classOfObject(field) === "credentials")) {
    return "credentials";
  }
  if (!isUserObject(object)) return known;
  // The password resource, also with the ending that says in what form to answer.
  if (/^password\b/i.test(field ?? "")) return "credentials";
  // What the reference stands for could end in the password resource, or be its name.
  return [id, field].includes(referenceSegment) ? "unknown" : known;
}

/** Writes of records that say in the body, each for itself, what object they are of. */
export function classOfTypedRecords({ call, places }: Match): CallClass {
  const known = classOfObject(places.object ?? "");
  if (known === "credentials") return known;
  const body = jsonOf(call);
  if (!isRecord(body) || !Array.isArray(body.records)) return "unknown";
  const types: unknown[] = [];
  collectTypes(body.records, types);
  if (!types.every((type) => typeof type === "string" && objectName.test(type))) return "unknown";
  return classOfObjects([places.object ?? "", ...types.map(String)]);
}

function collectTypes(value: unknown, types: unknown[]): void {
  if (Array.isArray(value)) for (const entry of value) collectTypes(entry, types);
  if (!isRecord(value)) return;
  for (const [name, entry] of Object.entries(value)) {
    if (name.toLowerCase() !== "attributes") collectTypes(entry, types);
    else types.push(isRecord(entry) ? entry.type : undefined);
  }
}

/** A bulk job names its object, and what is done with it, in the body. */
export function classOfIngest({ call }: Match): ClassedCall {
  const operation = "bulk.ingest";
  const body = jsonOf(call);
  if (!isRecord(body) || typeof body.object !== "string" || !objectName.test(body.object)) {
    return { class: "unknown", operation };
  }
  const classed: ClassedCall = { class: classOfObject(body.object), operation };
  return /delete/i.test(String(body.operation)) ? removing(classed) : classed;
}

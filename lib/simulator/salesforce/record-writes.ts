import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { findField, type ObjectSpec, type Row } from "#lib/simulator/salesforce/objects.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";
import { setupObjects } from "#lib/simulator/salesforce/setup-records.ts";

/** @throws {RestRefusal} not of this kind, or not for this user */
function requireWritable(
  call: RestCall,
  spec: ObjectSpec,
  action: "create" | "update" | "delete",
): void {
  const isSetup =
    setupObjects.has(spec.name) || spec.name.startsWith("PermissionSet") || spec.name === "User";
  if (isSetup && !call.user.permissions.manageUsers) {
    throw new RestRefusal(
      403,
      "INSUFFICIENT_ACCESS_OR_READONLY",
      "insufficient access rights on object id",
    );
  }
  const isPossible =
    action === "update"
      ? spec.isUpdateable
      : spec.isWritable && !(action === "delete" && spec.name === "User");
  if (!isPossible) {
    throw new RestRefusal(
      400,
      "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
      `entity type ${spec.name} does not support ${action}`,
    );
  }
}

/** @throws {RestRefusal} UNABLE_TO_LOCK_ROW: somebody else holds the row, by fault */
function requireUnlocked(call: RestCall, id: string): void {
  const subject = {
    host: call.request.host,
    path: call.request.path,
    user: call.user.username,
    app: call.session.clientId,
  };
  const met = call.core.context.faults.meet(
    salesforceFaults.rowLocked,
    subject,
    (value) => value.id === undefined || value.id.slice(0, 15) === id.slice(0, 15),
  );
  if (!met) return;
  throw new RestRefusal(
    400,
    "UNABLE_TO_LOCK_ROW",
    "unable to obtain exclusive access to this record or 1 records",
  );
}

const allowsDuplicates = (call: RestCall): boolean =>
  /allowSave\s*=\s*true/i.test(call.request.headers.get("sforce-duplicate-rule-header") ?? "");

/** @throws {RestRefusal} */
export function createRecord(
  call: RestCall,
  spec: ObjectSpec,
  values: Record<string, unknown>,
): Row {
  requireWritable(call, spec, "create");
  return call.store.insert(spec, values, allowsDuplicates(call));
}

/** @throws {RestRefusal} */
export function updateRecord(
  call: RestCall,
  spec: ObjectSpec,
  id: string,
  values: Record<string, unknown>,
): void {
  requireWritable(call, spec, "update");
  const row = call.store.get(spec, id);
  requireUnlocked(call, row.Id);
  call.store.update(spec, row, values);
}

/** @throws {RestRefusal} */
export function deleteRecord(call: RestCall, spec: ObjectSpec, id: string): void {
  requireWritable(call, spec, "delete");
  const row = call.store.get(spec, id);
  requireUnlocked(call, row.Id);
  call.store.remove(spec, row);
}

/** Changes the row with this external id, or makes it. @throws {RestRefusal} also when several have it */
export function upsertRecord(
  call: RestCall,
  spec: ObjectSpec,
  fieldName: string,
  value: string,
  values: Record<string, unknown>,
): { row: Row; isCreated: boolean } {
  const hits = rowsByExternalId(call, spec, fieldName, value);
  if (hits.length > 1) {
    throw new RestRefusal(
      300,
      "DUPLICATE_EXTERNAL_ID",
      `external id field ${fieldName} matches several records`,
    );
  }
  const [hit] = hits;
  if (hit) {
    updateRecord(call, spec, hit.Id, values);
    return { row: hit, isCreated: false };
  }
  const field = findField(spec, fieldName)?.name ?? fieldName;
  if (field === "Id") throw notFound();
  return { row: createRecord(call, spec, { ...values, [field]: value }), isCreated: true };
}

/** @throws {RestRefusal} NOT_FOUND: the field is no external id */
export function rowsByExternalId(
  call: RestCall,
  spec: ObjectSpec,
  fieldName: string,
  value: string,
): Row[] {
  const field = findField(spec, fieldName);
  if (!field || !(field.isExternalId || field.type === "id")) {
    throw notFound(`Provided external ID field does not exist or is not accessible: ${fieldName}`);
  }
  if (field.type === "id") {
    const row = call.store.find(spec.name, value);
    return row ? [row] : [];
  }
  const wanted = value.toLowerCase();
  return call.store
    .rows(spec)
    .filter((row) => row[field.name] != null && String(row[field.name]).toLowerCase() === wanted);
}

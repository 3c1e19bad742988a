import type { ProviderApi } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import type { Warning } from "#lib/providers/preview.ts";
import { objectName } from "#lib/providers/salesforce/credential-objects.ts";
import type { Written } from "#lib/providers/salesforce/operations/fields-to-write.ts";
import { readByIds, type SalesforceRecord } from "#lib/providers/salesforce/operations/records.ts";
import { storedId } from "#lib/providers/salesforce/record-id.ts";

/** Names of records by the first 15 characters of their ids; null where there is no such record to see. */
export type Names = ReadonlyMap<string, string | null>;

const mostObjects = 5;
const mostIds = 400;
const idForm = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/**
 * What the lookups of a write point at and will point at, so that a person reads names beside ids. Lookups
 * to several objects, and objects whose records have no `Name`, keep their ids alone.
 */
export async function namesOfReferences(
  api: ProviderApi,
  items: readonly { written: readonly Written[]; before: SalesforceRecord | null }[],
): Promise<Names> {
  const wanted = new Map<string, Set<string>>();
  for (const { written, before } of items) {
    for (const { field, value } of written) {
      const [target, ...others] = field.referenceTo;
      if (target === undefined || others.length > 0 || !objectName.test(target)) continue;
      const ids = wanted.get(target) ?? new Set();
      wanted.set(target, ids);
      for (const id of [value, before?.[field.name]]) {
        if (typeof id === "string" && idForm.test(id)) ids.add(storedId(id));
      }
    }
  }
  const names = new Map<string, string | null>();
  for (const [object, all] of [...wanted].slice(0, mostObjects)) {
    const ids = [...all].slice(0, mostIds);
    const found = await readNames(api, object, ids);
    ids.forEach((id, at) => {
      const name = found?.[at];
      if (found) names.set(id, typeof name?.Name === "string" ? name.Name : null);
    });
  }
  return names;
}

async function readNames(api: ProviderApi, object: string, ids: readonly string[]) {
  try {
    return await readByIds(api, object, ids, ["Name"]);
  } catch (error) {
    if (error instanceof OperationFailedError) return null;
    throw error;
  }
}

/** A lookup's value with the name of what it points at. */
export function withName(value: unknown, names: Names): unknown {
  if (typeof value !== "string" || !names.has(storedId(value))) return value;
  const name = names.get(storedId(value));
  return name == null ? `${value} (no such record to see)` : `${name} (${value})`;
}

/** Objects whose records say who may do what. */
const rights =
  /^(?:User|Profile|UserRole|Group|GroupMember|QueueSobject|Territory2?|UserTerritory2?Association|PermissionSet\w*|MutingPermissionSet|(?:Object|Field|Tab)Permissions|PermissionSetTabSetting|SetupEntityAccess|CustomPermission\w*|\w+Share|\w+__Share|SharingRules?|DelegatedAccount|UserPackageLicense)$/i;

/** Told as a warning: it marks the plan, so that nobody approves it beforehand. */
export function rightsWarnings(objects: readonly string[]): Warning[] {
  const names = [...new Set(objects)].filter((name) => rights.test(name));
  if (names.length === 0) return [];
  const text = `Records of ${names.join(", ")} say who may see and do what in the org.`;
  return [{ code: "rights", text }];
}

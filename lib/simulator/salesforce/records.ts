import { seededRandom } from "#lib/simulator/kit/random.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { makeId, sameId } from "#lib/simulator/salesforce/ids.ts";
import {
  type FieldSpec,
  type FieldValue,
  findField,
  findObject,
  type ObjectSpec,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import { seedRecords } from "#lib/simulator/salesforce/seed-records.ts";
import { seedSetup } from "#lib/simulator/salesforce/setup-records.ts";
import type { SalesforceCore } from "#lib/simulator/salesforce/state.ts";
import type { Org } from "#lib/simulator/salesforce/world.ts";

/** The rows of one org. */
export type RecordStore = {
  rows(spec: ObjectSpec): Row[];
  /** @throws {RestRefusal} NOT_FOUND, or ENTITY_IS_DELETED */
  get(spec: ObjectSpec, id: string): Row;
  find(object: string, id: string): Row | undefined;
  insert(spec: ObjectSpec, values: Record<string, unknown>): Row;
  update(spec: ObjectSpec, row: Row, values: Record<string, unknown>): void;
  remove(spec: ObjectSpec, row: Row): void;
};

export type RecordStores = { of(org: Org): RecordStore };

const worldSeed = "salesforce-records-1";

function checkValue(spec: ObjectSpec, field: FieldSpec, value: unknown): FieldValue {
  const refuse = (code: string, message: string) => {
    throw new RestRefusal(400, code, message, [field.name]);
  };
  if (value === null) return null;
  const numeric = /^(int|double|currency|percent)$/.test(field.type);
  const isRight =
    field.type === "boolean"
      ? typeof value === "boolean"
      : numeric
        ? typeof value === "number"
        : typeof value === "string";
  if (!isRight) {
    refuse(
      "JSON_PARSER_ERROR",
      `Cannot deserialize instance of ${field.type} from the value given`,
    );
  }
  if (field.type === "email" && !/^[^@\s]+@[^@\s]+$/.test(String(value))) {
    refuse("INVALID_EMAIL_ADDRESS", `${field.name}: invalid email address: ${value}`);
  }
  if (typeof value === "string" && value.length > 255 && field.type !== "textarea") {
    refuse("STRING_TOO_LONG", `${spec.name}.${field.name}: data value too large`);
  }
  return value as FieldValue;
}

/** Judges what a create or an update sends; @throws {RestRefusal} */
function checked(
  spec: ObjectSpec,
  values: Record<string, unknown>,
  isCreate: boolean,
): Record<string, FieldValue> {
  const row: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(values)) {
    if (name === "attributes") continue;
    const field = findField(spec, name);
    if (!field) {
      throw new RestRefusal(
        400,
        "INVALID_FIELD",
        `No such column '${name}' on sobject of type ${spec.name}`,
      );
    }
    if (field.isReadOnly) {
      const message = `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`;
      throw new RestRefusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, [field.name]);
    }
    row[field.name] = checkValue(spec, field, value);
  }
  const missing = spec.fields
    .filter((field) => field.isRequired)
    .filter((field) => (isCreate ? row[field.name] == null : row[field.name] === null))
    .map((field) => field.name);
  if (missing.length) {
    const message = `Required fields are missing: [${missing.join(", ")}]`;
    throw new RestRefusal(400, "REQUIRED_FIELD_MISSING", message, missing);
  }
  return row;
}

export function createRecordStores(core: SalesforceCore): RecordStores {
  const stores = new Map<string, RecordStore>();
  return {
    of: (org) => {
      const store = stores.get(org.id) ?? createStore(core, org);
      stores.set(org.id, store);
      return store;
    },
  };
}

function createStore(core: SalesforceCore, org: Org): RecordStore {
  const tables = new Map<string, Row[]>();
  const deleted = new Set<string>();
  let serial = 5000;
  const table = (name: string): Row[] => {
    const rows = tables.get(name) ?? [];
    tables.set(name, rows);
    return rows;
  };
  const add = (object: string, values: Record<string, FieldValue>): Row => {
    const spec = findObject(object) as ObjectSpec;
    const empty = Object.fromEntries(
      spec.fields.map((field) => [field.name, field.type === "boolean" ? false : null]),
    );
    const row = { ...empty, ...values } as Row;
    table(spec.name).push(row);
    return row;
  };
  seedSetup(org, add);
  seedRecords(org, seededRandom(`${worldSeed}:${org.id}`), add);

  const stamp = () => new Date(core.context.clock.nowMs()).toISOString().replace("Z", "+0000");
  const named = (row: Row) => {
    if ("FirstName" in row && "Name" in row) {
      row.Name = [row.FirstName, row.LastName].filter(Boolean).join(" ");
    }
  };
  const requireUnique = (spec: ObjectSpec, values: Record<string, FieldValue>) => {
    const unique = {
      PermissionSetAssignment: ["AssigneeId", "PermissionSetId"],
      SetupEntityAccess: ["ParentId", "SetupEntityId"],
    }[spec.name];
    const hit =
      unique &&
      table(spec.name).find((row) =>
        unique.every((field) => sameId(String(row[field]), String(values[field]))),
      );
    if (hit) {
      throw new RestRefusal(
        400,
        "DUPLICATE_VALUE",
        `duplicate value found: duplicates value on record with id: ${hit.Id}`,
      );
    }
  };
  const find = (object: string, id: string) =>
    table(object).find((row) => row.Id === id || (id.length === 15 && sameId(row.Id, id)));
  return {
    rows: (spec) => (spec.name === "OauthToken" ? oauthTokens(core, org) : table(spec.name)),
    find,
    get: (spec, id) => {
      const row = find(spec.name, id);
      if (row) return row;
      if (deleted.has(id.slice(0, 15))) {
        throw new RestRefusal(404, "ENTITY_IS_DELETED", "entity is deleted");
      }
      throw notFound();
    },
    insert: (spec, values) => {
      const given = checked(spec, values, true);
      requireUnique(spec, given);
      const times = Object.fromEntries(
        spec.fields
          .filter((field) => field.type === "datetime" && field.isReadOnly)
          .map((field) => [field.name, stamp()]),
      );
      const owner = findField(spec, "OwnerId") ? { OwnerId: org.users[0]?.id ?? null } : {};
      const kind =
        spec.name === "SetupEntityAccess" ? { SetupEntityType: "ConnectedApplication" } : {};
      const row = add(spec.name, {
        ...owner,
        ...kind,
        ...times,
        ...given,
        Id: makeId(spec.keyPrefix, org.pod, ++serial),
      });
      named(row);
      return row;
    },
    update: (spec, row, values) => {
      const given = checked(spec, values, false);
      Object.assign(row, given);
      for (const name of ["LastModifiedDate", "SystemModstamp"])
        if (name in row) row[name] = stamp();
      named(row);
    },
    remove: (spec, row) => {
      tables.set(
        spec.name,
        table(spec.name).filter((other) => other !== row),
      );
      deleted.add(row.Id.slice(0, 15));
    },
  };
}

/** The live approvals of an org, as its set-up shows them. */
const oauthTokens = (core: SalesforceCore, org: Org): Row[] =>
  core.state.grants
    .filter((grant) => grant.orgId === org.id && !grant.isRevoked)
    .map((grant, at) => {
      const app = core.world.apps.find(({ clientId }) => clientId === grant.clientId);
      return {
        Id: makeId("0CQ", org.pod, at + 1),
        AppName: app?.name ?? null,
        UseCount: 1 + grant.spent.length,
        LastUsedDate: new Date(grant.lastUsedAtMs).toISOString().replace("Z", "+0000"),
        UserId: grant.userId,
        AppMenuItemId: app?.orgs.includes(org.id) ? makeId("0DS", org.pod, 1) : null,
        CreatedDate: new Date(grant.createdAtMs).toISOString().replace("Z", "+0000"),
      };
    });

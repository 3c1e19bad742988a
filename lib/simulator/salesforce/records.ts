import { seededRandom } from "#lib/simulator/kit/random.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { id15, makeId } from "#lib/simulator/salesforce/ids.ts";
import {
  childrenOf,
  type FieldValue,
  findField,
  findObject,
  type ObjectSpec,
  type Row,
} from "#lib/simulator/salesforce/objects.ts";
import {
  checkedValues,
  requireNoDuplicate,
  requireUnique,
  requireValid,
} from "#lib/simulator/salesforce/record-rules.ts";
import { seedDemoRecords } from "#lib/simulator/salesforce/seed-demo-records.ts";
import { seedRecords } from "#lib/simulator/salesforce/seed-records.ts";
import { seedSetup } from "#lib/simulator/salesforce/setup-records.ts";
import type { SalesforceCore } from "#lib/simulator/salesforce/state.ts";
import type { Org } from "#lib/simulator/salesforce/world.ts";

/** The rows of one org. */
export type RecordStore = {
  rows(spec: ObjectSpec): readonly Row[];
  /** The rows that were deleted and may still be read by `queryAll`. */
  binned(spec: ObjectSpec): readonly Row[];
  /** @throws {RestRefusal} NOT_FOUND, or ENTITY_IS_DELETED */
  get(spec: ObjectSpec, id: string): Row;
  find(object: string, id: string): Row | undefined;
  insert(spec: ObjectSpec, values: Record<string, unknown>, allowsDuplicates?: boolean): Row;
  update(spec: ObjectSpec, row: Row, values: Record<string, unknown>): void;
  remove(spec: ObjectSpec, row: Row): void;
  /** Takes back whatever `work` wrote when it throws or its outcome is not kept. */
  atomically<Value>(work: () => Value, isKept: (value: Value) => boolean): Value;
  /** How many rows there are of everything. */
  size(): number;
};

export type RecordStores = { of(org: Org): RecordStore };

const worldSeed = "salesforce-records-1";
/** Above every serial of the seeds. */
const firstSerial = 100_000;

const toStamp = (ms: number): string => new Date(ms).toISOString().replace("Z", "+0000");
export const fromStamp = (stamp: FieldValue | undefined): number =>
  Date.parse(String(stamp).replace(/\+0000$/, "Z"));

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

type Table = { rows: Row[]; byId: Map<string, Row>; bin: Map<string, Row> };

function createStore(core: SalesforceCore, org: Org): RecordStore {
  const tables = new Map<string, Table>();
  const isDemo = org.company === demoSalesforce.company && org.kind === "production";
  let serial = firstSerial;
  let undo: (() => void)[] | null = null;
  const table = (name: string): Table => {
    const found = tables.get(name) ?? { rows: [], byId: new Map(), bin: new Map() };
    tables.set(name, found);
    return found;
  };
  const put = (spec: ObjectSpec, row: Row) => {
    const { rows, byId } = table(spec.name);
    rows.push(row);
    byId.set(row.Id.slice(0, 15), row);
  };
  const takeOut = (spec: ObjectSpec, row: Row) => {
    const { rows, byId } = table(spec.name);
    rows.splice(rows.indexOf(row), 1);
    byId.delete(row.Id.slice(0, 15));
  };
  const add = (object: string, values: Record<string, FieldValue>): Row => {
    const spec = findObject(object) as ObjectSpec;
    const row = { ...emptyRow(spec), ...values } as Row;
    put(spec, row);
    return row;
  };
  seedSetup(org, add);
  const random = seededRandom(`${worldSeed}:${org.id}`);
  if (isDemo) seedDemoRecords(org, random, add);
  else seedRecords(org, random, add);

  // The last three of eighteen say the letter case of the others: any case of all is the same id.
  const find = (object: string, id: string): Row | undefined => {
    const row = table(object).byId.get(id15(id));
    const isWhole = id.length === 15 || id.toUpperCase() === row?.Id.toUpperCase();
    return isWhole ? row : undefined;
  };
  const nowStamp = () => toStamp(Math.floor(core.context.clock.nowMs() / 1000) * 1000);
  /** Every write moves the stamp, were it the second within a second. */
  const touch = (row: Row) => {
    const next = "SystemModstamp" in row ? fromStamp(row.SystemModstamp) + 1000 : 0;
    const stamp = toStamp(Math.max(fromStamp(nowStamp()), next || 0));
    for (const name of ["LastModifiedDate", "SystemModstamp"]) if (name in row) row[name] = stamp;
  };
  const today = () => nowStamp().slice(0, 10);
  const rowsOf = (spec: ObjectSpec) =>
    spec.name === "OauthToken" ? oauthTokens(core, org) : table(spec.name).rows;

  const remove = (spec: ObjectSpec, row: Row): void => {
    for (const child of childrenOf(spec)) {
      if (!child.field.isPartOf) continue;
      const own = table(child.spec.name).rows.filter((one) => one[child.field.name] === row.Id);
      for (const one of own) remove(child.spec, one);
    }
    const before = { ...row };
    takeOut(spec, row);
    if ("IsDeleted" in row) row.IsDeleted = true;
    touch(row);
    table(spec.name).bin.set(row.Id.slice(0, 15), row);
    undo?.push(() => {
      table(spec.name).bin.delete(row.Id.slice(0, 15));
      Object.assign(row, before);
      put(spec, row);
    });
  };

  return {
    rows: rowsOf,
    binned: (spec) => [...table(spec.name).bin.values()],
    find,
    get: (spec, id) => {
      const row = find(spec.name, id);
      if (row) return row;
      if (table(spec.name).bin.has(id15(id))) {
        throw new RestRefusal(404, "ENTITY_IS_DELETED", "entity is deleted");
      }
      throw notFound();
    },
    insert: (spec, values, allowsDuplicates = false) => {
      const given = checkedValues(spec, values, true, find);
      requireUnique(spec, given, table(spec.name).rows, null);
      if (isDemo && !allowsDuplicates) requireNoDuplicate(spec, given, table(spec.name).rows);
      const stamp = nowStamp();
      const times = Object.fromEntries(
        ["CreatedDate", "LastModifiedDate", "SystemModstamp"]
          .filter((name) => findField(spec, name))
          .map((name) => [name, stamp]),
      );
      const owner = findField(spec, "OwnerId") ? { OwnerId: org.users[0]?.id ?? null } : {};
      const row = {
        ...emptyRow(spec),
        ...owner,
        ...madeByItself(spec, serial + 1),
        ...times,
        ...given,
        Id: makeId(spec.keyPrefix, org.pod, serial + 1),
      } as Row;
      derive(row, spec, find, stamp);
      requireValid(spec, row, today());
      serial += 1;
      put(spec, row);
      undo?.push(() => takeOut(spec, row));
      return row;
    },
    update: (spec, row, values) => {
      const given = checkedValues(spec, values, false, find);
      requireUnique(spec, given, table(spec.name).rows, row);
      const next = { ...row, ...given };
      derive(next, spec, find, nowStamp());
      requireValid(spec, next, today());
      const before = { ...row };
      Object.assign(row, next);
      touch(row);
      undo?.push(() => Object.assign(row, before));
    },
    remove,
    atomically: (work, isKept) => {
      const outer = undo;
      const own: (() => void)[] = [];
      undo = own;
      let isOver = false;
      try {
        const value = work();
        isOver = isKept(value);
        return value;
      } finally {
        undo = outer;
        if (isOver) outer?.push(...own);
        else for (const step of own.reverse()) step();
      }
    },
    size: () => tables.values().reduce((sum, { rows }) => sum + rows.length, 0),
  };
}

const emptyRow = (spec: ObjectSpec): Record<string, FieldValue> =>
  Object.fromEntries(
    spec.fields.map((field) => [field.name, field.type === "boolean" ? false : null]),
  );

/** What the provider fills in when nobody says otherwise. */
function madeByItself(spec: ObjectSpec, serial: number): Record<string, FieldValue> {
  if (spec.name === "SetupEntityAccess") return { SetupEntityType: "ConnectedApplication" };
  if (spec.name === "CampaignMember") return { Status: "Sent" };
  if (spec.name !== "Case") return {};
  return { CaseNumber: String(serial).padStart(8, "0"), Status: "New" };
}

/** Fields that follow from others. */
export function derive(
  row: Record<string, FieldValue>,
  spec: ObjectSpec,
  find: (object: string, id: string) => Row | undefined,
  stamp: string,
): void {
  if (findField(spec, "FirstName") && findField(spec, "Name")) {
    row.Name = [row.FirstName, row.LastName].filter(Boolean).join(" ");
  }
  if (spec.name === "Opportunity") {
    row.IsWon = row.StageName === "Won";
    row.IsClosed = row.IsWon || row.StageName === "Lost";
  }
  if (spec.name === "Case") {
    row.IsClosed = row.Status === "Closed";
    row.ClosedDate = row.IsClosed ? (row.ClosedDate ?? stamp) : null;
  }
  if (spec.name === "CampaignMember") {
    const [object, id] = row.ContactId ? ["Contact", row.ContactId] : ["Lead", row.LeadId];
    row.Name = find(String(object), String(id))?.Name ?? null;
    row.HasResponded = row.Status !== "Sent" && row.Status !== "Opened";
  }
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
        LastUsedDate: toStamp(grant.lastUsedAtMs),
        UserId: grant.userId,
        AppMenuItemId: app?.orgs.includes(org.id) ? makeId("0DS", org.pod, 1) : null,
        CreatedDate: toStamp(grant.createdAtMs),
      };
    });

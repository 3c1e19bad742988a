import { seededRandom } from "#lib/simulator/kit/random.ts";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import type {
  Asset,
  Automation,
  DataExtension,
  Field,
  Folder,
  Journey,
  Query,
  Row,
} from "./data-types.ts";
import { person, seededUntilMs } from "./seed-columns.ts";
import {
  folderId,
  seedAssets,
  seedAutomations,
  seedFolders,
  seedJourneys,
  seedQueries,
} from "./seed-content.ts";
import { type DataExtensionPlan, plansByIndustry } from "./seed-data-extensions.ts";
import type { Tenant } from "./world.ts";

/** What one business unit holds. */
export type UnitData = {
  folders: readonly Folder[];
  dataExtensions: Map<string, DataExtension>;
  journeys: readonly Journey[];
  automations: readonly Automation[];
  assets: readonly Asset[];
  queries: readonly Query[];
};

/** Data extensions that were made or changed since the seed, and those deleted. */
export type DataSnapshot = {
  changed: { dataExtension: DataExtension; rows: Row[] }[];
  deleted: { mid: number; id: string }[];
};

/** Seeded content, made when a business unit or a data extension is first looked at, and its changes. */
export type DataStore = {
  unit(tenant: Tenant, mid: number): UnitData;
  rows(one: DataExtension): readonly Row[];
  rowCount(one: DataExtension): number;
  findByKey(tenant: Tenant, mid: number, key: string): DataExtension | undefined;
  save(tenant: Tenant, one: DataExtension, rows?: readonly Row[]): void;
  remove(tenant: Tenant, one: DataExtension): void;
  exportState(): DataSnapshot;
  importState(snapshot: DataSnapshot): void;
};

export function createDataStore(seed: string): DataStore {
  const units = new Map<number, UnitData>();
  const rowsById = new Map<string, readonly Row[]>();
  const plans = new Map<string, DataExtensionPlan>();
  let snapshot: DataSnapshot = { changed: [], deleted: [] };

  function unit(tenant: Tenant, mid: number): UnitData {
    const known = units.get(mid);
    if (known) return known;
    const random = seededRandom(`${seed}:${mid}`);
    const folders = seedFolders(tenant, mid);
    const made: UnitData = {
      folders,
      dataExtensions: new Map(),
      journeys: seedJourneys(random, tenant, mid),
      automations: seedAutomations(random, mid, folders),
      assets: seedAssets(tenant, mid, folders),
      queries: seedQueries(random, tenant, mid),
    };
    for (const plan of plansByIndustry[tenant.industry]) {
      const one = found(random, mid, plan, folderId(folders, "dataextension", plan.folder));
      plans.set(one.id, plan);
      made.dataExtensions.set(one.id, one);
    }
    for (const { id } of snapshot.deleted) made.dataExtensions.delete(id);
    for (const { dataExtension } of snapshot.changed) {
      if (dataExtension.mid === mid) made.dataExtensions.set(dataExtension.id, dataExtension);
    }
    units.set(mid, made);
    return made;
  }

  function rows(one: DataExtension): readonly Row[] {
    const known = rowsById.get(one.id);
    if (known) return known;
    const plan = plans.get(one.id);
    const made = plan ? seedRows(`${seed}:${one.mid}:${one.key}`, plan) : [];
    rowsById.set(one.id, made);
    return made;
  }

  return {
    unit,
    rows,
    rowCount: (one) => rowsById.get(one.id)?.length ?? plans.get(one.id)?.rowCount ?? 0,
    findByKey: (tenant, mid, key) =>
      [...unit(tenant, mid).dataExtensions.values()].find(
        (one) => one.key.toLowerCase() === key.toLowerCase(),
      ),
    save(tenant, one, changed) {
      const held = [...(changed ?? rows(one))];
      unit(tenant, one.mid).dataExtensions.set(one.id, one);
      rowsById.set(one.id, held);
      const others = snapshot.changed.filter(({ dataExtension }) => dataExtension.id !== one.id);
      snapshot.changed = [...others, { dataExtension: one, rows: held }];
    },
    remove(tenant, one) {
      unit(tenant, one.mid).dataExtensions.delete(one.id);
      rowsById.delete(one.id);
      const { changed, deleted } = snapshot;
      snapshot = {
        changed: changed.filter(({ dataExtension }) => dataExtension.id !== one.id),
        deleted: [...deleted, { mid: one.mid, id: one.id }],
      };
    },
    exportState: () => structuredClone(snapshot),
    importState(given) {
      snapshot = structuredClone(given);
      units.clear();
      rowsById.clear();
      for (const { dataExtension, rows: held } of snapshot.changed) {
        rowsById.set(dataExtension.id, held);
      }
    },
  };
}

function found(
  random: SeededRandom,
  mid: number,
  plan: DataExtensionPlan,
  categoryId: number,
): DataExtension {
  return {
    id: random.uuid(),
    mid,
    key: plan.key,
    name: plan.name,
    description: plan.description,
    categoryId,
    fields: plan.columns.map(
      (column, index): Field => ({
        id: random.uuid(),
        name: column.name,
        type: column.type,
        length: column.length ?? null,
        scale: column.scale ?? null,
        ordinal: index,
        isPrimaryKey: column.isPrimaryKey ?? false,
        isRequired: column.isRequired ?? false,
        defaultValue: column.defaultValue ?? null,
      }),
    ),
    isSendable: plan.sendableBy !== undefined,
    sendableField: plan.sendableBy ?? null,
    createdAtMs: seededUntilMs - random.int(200, 900) * 24 * 3600 * 1000,
    modifiedAtMs: seededUntilMs - random.int(1, 199) * 24 * 3600 * 1000,
  };
}

function seedRows(seed: string, plan: DataExtensionPlan): Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: plan.rowCount }, (_, index) => {
    const who = person(random, index);
    return Object.fromEntries(
      plan.columns.map((column) => [column.name, column.value(random, index, who)]),
    );
  });
}

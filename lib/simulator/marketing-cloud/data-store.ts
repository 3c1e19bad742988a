import type { SeededRandom, SimulatorClock } from "#lib/simulator/kit/types.ts";
import { settleRequests } from "./data-async.ts";
import type { DataExtension, Field, Row } from "./data-types.ts";
import { seededUntilMs } from "./seed-columns.ts";
import { plansFor } from "./seed-data-extensions.ts";
import { folderId } from "./seed-folders.ts";
import type { DataExtensionPlan } from "./seed-plan.ts";
import { bulkRandom } from "./seed-random.ts";
import { seedRows } from "./seed-rows.ts";
import { createShelves, type Shelves, type StockName, type UnitChanges } from "./stock.ts";
import { dayMs, sizeOf } from "./unit-seed.ts";
import type { Tenant } from "./world.ts";

/** What one business unit holds. */
export type UnitData = Shelves & { dataExtensions: Map<string, DataExtension> };

/** What was made or changed since the seed, and what is gone. */
export type DataSnapshot = {
  changed: { dataExtension: DataExtension; rows: Row[] }[];
  deleted: { mid: number; id: string }[];
  shelves: { mid: number; name: StockName; key: string; value: unknown }[];
};

/** Seeded content, made when a business unit or a part of it is first looked at, and its changes. */
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

export function createDataStore(seed: string, clock: SimulatorClock): DataStore {
  const units = new Map<number, UnitData>();
  const rowsById = new Map<string, readonly Row[]>();
  const plans = new Map<string, DataExtensionPlan>();
  const changed = new Map<string, { dataExtension: DataExtension; rows: readonly Row[] }>();
  const deleted = new Map<string, number>();
  const shelfChanges = new Map<number, UnitChanges>();

  function unit(tenant: Tenant, mid: number): UnitData {
    const known = units.get(mid);
    if (known) return settled(tenant, known);
    const size = sizeOf(tenant, mid);
    const changes: UnitChanges = shelfChanges.get(mid) ?? new Map();
    shelfChanges.set(mid, changes);
    const shelves = createShelves({ seed, tenant, mid, size }, changes);
    const made: UnitData = { ...shelves, dataExtensions: new Map() };
    const folders = shelves.folders.all();
    for (const plan of plansFor(tenant.industry, size)) {
      const random = bulkRandom(`${seed}:${mid}:definition:${plan.key}`);
      const one = found(random, mid, plan, folderId(folders, "dataextension", plan.folder));
      plans.set(one.id, plan);
      if (!deleted.has(one.id)) made.dataExtensions.set(one.id, one);
    }
    for (const { dataExtension } of changed.values()) {
      if (dataExtension.mid === mid) made.dataExtensions.set(dataExtension.id, dataExtension);
    }
    units.set(mid, made);
    return settled(tenant, made);
  }

  /** Everybody who looks comes by here, so that nothing has to run by itself. */
  function settled(tenant: Tenant, held: UnitData): UnitData {
    settleRequests(held.asyncRequests, clock.nowMs(), {
      find: (id) => held.dataExtensions.get(id),
      rows,
      save: (one, given) => save(tenant, one, given),
    });
    return held;
  }

  function save(tenant: Tenant, one: DataExtension, given?: readonly Row[]): void {
    const held = given ?? rows(one);
    unit(tenant, one.mid).dataExtensions.set(one.id, one);
    rowsById.set(one.id, held);
    changed.set(one.id, { dataExtension: one, rows: held });
  }

  function rows(one: DataExtension): readonly Row[] {
    const known = rowsById.get(one.id);
    if (known) return known;
    const plan = plans.get(one.id);
    const made = plan ? seedRows(seed, one.mid, plan) : [];
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
    save,
    remove(tenant, one) {
      unit(tenant, one.mid).dataExtensions.delete(one.id);
      rowsById.delete(one.id);
      changed.delete(one.id);
      deleted.set(one.id, one.mid);
    },
    // What is held is never changed in place, so nothing has to be copied.
    exportState: () => ({
      changed: [...changed.values()].map(({ dataExtension, rows: held }) => ({
        dataExtension,
        rows: [...held],
      })),
      deleted: [...deleted].map(([id, mid]) => ({ id, mid })),
      shelves: [...shelfChanges].flatMap(([mid, byName]) =>
        [...byName].flatMap(([name, changes]) =>
          [...changes].map(([key, value]) => ({ mid, name, key, value })),
        ),
      ),
    }),
    importState(given) {
      const snapshot = structuredClone(given);
      for (const map of [units, rowsById, changed, deleted, shelfChanges]) map.clear();
      for (const { id, mid } of snapshot.deleted) deleted.set(id, mid);
      for (const { dataExtension, rows: held } of snapshot.changed) {
        changed.set(dataExtension.id, { dataExtension, rows: held });
        rowsById.set(dataExtension.id, held);
      }
      for (const { mid, name, key, value } of snapshot.shelves) {
        const byName: UnitChanges = shelfChanges.get(mid) ?? new Map();
        shelfChanges.set(mid, byName);
        const changes = byName.get(name) ?? new Map<string, unknown>();
        byName.set(name, changes.set(key, value));
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
    isTestable: plan.key === "Seed_List",
    sendableField: plan.sendableBy ?? null,
    retention: plan.retention ?? null,
    createdAtMs: seededUntilMs - random.int(200, 900) * dayMs,
    modifiedAtMs: seededUntilMs - random.int(1, 199) * dayMs,
  };
}

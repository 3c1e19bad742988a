import type { BusinessUnit } from "#lib/providers/provider.ts";

/**
 * Units in reading order: each below the one it hangs under, siblings by name. A unit whose parent is
 * not among them stands at the top; units that name each other in a circle do too, once each.
 */
export function unitTree(units: readonly BusinessUnit[]): (BusinessUnit & { depth: number })[] {
  const known = new Set(units.map(({ accountId }) => accountId));
  const sorted = [...units].sort(
    (a, b) => a.name.localeCompare(b.name, "en", { numeric: true }) || a.accountId - b.accountId,
  );
  const below = Map.groupBy(sorted, ({ parentId }) =>
    parentId !== null && known.has(parentId) ? parentId : null,
  );
  const placed = new Map<number, BusinessUnit & { depth: number }>();
  const place = (first: BusinessUnit) => {
    const waiting = [{ unit: first, depth: 0 }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { unit, depth } = next;
      if (placed.has(unit.accountId)) continue;
      placed.set(unit.accountId, { ...unit, depth });
      const children = below.get(unit.accountId) ?? [];
      for (const child of children.toReversed()) waiting.push({ unit: child, depth: depth + 1 });
    }
  };
  for (const top of below.get(null) ?? []) place(top);
  // What is left hangs in a circle.
  for (const unit of sorted) if (!placed.has(unit.accountId)) place(unit);
  return [...placed.values()];
}

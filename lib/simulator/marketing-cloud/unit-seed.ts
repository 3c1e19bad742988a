import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import { northpineMids } from "./seed-business-units.ts";
import { parentOf, type Tenant } from "./world.ts";

/** How much a business unit holds: a shop of a franchise little, a unit just opened nothing. */
export type UnitSize = "full" | "small" | "empty";

/** What a seed begins with. */
export type UnitSeed = {
  /** For what is told again elsewhere: the same rows, the same people. */
  seed: string;
  tenant: Tenant;
  mid: number;
  size: UnitSize;
  random: SeededRandom;
};

const manyUnits = 100;
export function sizeOf(tenant: Tenant, mid: number): UnitSize {
  if (mid === northpineMids.storesWest) return "empty";
  const isShop = tenant.businessUnits.length > manyUnits && mid !== parentOf(tenant).mid;
  return isShop ? "small" : "full";
}

/** Of a full list what a unit of this size has. */
export function portion<T>(all: readonly T[], size: UnitSize, small: number): readonly T[] {
  if (size === "full") return all;
  return size === "empty" ? [] : all.slice(0, small);
}

export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
export const dayMs = 24 * 3600 * 1000;

import type { Definition } from "./data-types.ts";
import type { UnitSeed } from "./unit-seed.ts";
export function seedDefinitions(_unit: UnitSeed): Definition[] {
  return [];
}

import type { Field } from "./data-types.ts";
import { dateText } from "./seed-columns.ts";

const american =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:\s*(AM|PM))?)?$/i;
const iso =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** What a tenant's clock shows at UTC-6, all the year. */
const tenantOffsetMs = -6 * 3600 * 1000;

/**
 * What a text shows of the tenant's clock, as if it were UTC; undefined where it is no date. One with a zone
 * is brought to the tenant's.
 */
export function clockMs(text: string): number | undefined {
  const us = american.exec(text.trim());
  const parts = us
    ? [us[3], us[1], us[2], us[4], us[5], us[6]]
    : iso.exec(text.trim())?.slice(1, 7);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const half = us?.[7]?.toUpperCase();
  const hours = half === undefined ? hour || 0 : ((hour || 0) % 12) + (half === "PM" ? 12 : 0);
  const shown = new Date(Date.UTC(year, month - 1, day, hours, minute || 0, second || 0));
  // 31 February and 25 o'clock are none.
  if (shown.getUTCMonth() !== month - 1 || shown.getUTCDate() !== day) return undefined;
  const zone = us ? undefined : iso.exec(text.trim())?.[7];
  return zone === undefined ? shown.getTime() : shown.getTime() - offsetMsOf(zone) + tenantOffsetMs;
}

function offsetMsOf(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(-2)].map(Number) as [number, number];
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60 * 1000;
}

const forms: Partial<Record<Field["type"], (text: string) => boolean>> = {
  Number: (text) => /^-?\d+$/.test(text),
  Decimal: (text) => /^-?\d+(\.\d+)?$/.test(text),
  Boolean: (text) => /^(true|false|1|0)$/i.test(text),
  EmailAddress: (text) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text),
  Date: (text) => clockMs(text) !== undefined,
};

/** Why a field does not take a text, or null. */
export function valueProblem(field: Field, value: string): string | null {
  if (value === "") return null;
  if (field.length !== null && field.type !== "Decimal" && value.length > field.length) {
    return `The value of ${field.name} is longer than ${field.length}.`;
  }
  return (forms[field.type]?.(value) ?? true)
    ? null
    : `The value of ${field.name} is not a valid ${field.type}.`;
}

/** As it is read back: dates in US form by the tenant's clock, truths as words. */
export function storedValue({ type }: Field, value: string): string {
  if (value === "") return value;
  if (type === "Boolean") return /^(true|1)$/i.test(value) ? "True" : "False";
  const shownMs = type === "Date" ? clockMs(value) : undefined;
  return shownMs === undefined ? value : dateText(shownMs);
}

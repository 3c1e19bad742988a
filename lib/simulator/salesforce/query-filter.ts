import type { FieldValue } from "#lib/simulator/salesforce/objects.ts";
import { fromStamp } from "#lib/simulator/salesforce/records.ts";
import type { Literal, Operator } from "#lib/simulator/salesforce/soql.ts";

const dayMs = 86_400_000;

/** First moment of a relative date and first moment after it. */
function relativeRange(nowMs: number, name: string, count: number): readonly [number, number] {
  const now = new Date(nowMs);
  const month = (delta: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + delta, 1);
  const quarter = (delta: number) =>
    Date.UTC(now.getUTCFullYear(), (Math.floor(now.getUTCMonth() / 3) + delta) * 3, 1);
  const year = (delta: number) => Date.UTC(now.getUTCFullYear() + delta, 0, 1);
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const day = (delta: number) => today + delta * dayMs;
  const week = (delta: number) => today + (7 * delta - now.getUTCDay()) * dayMs;
  const starts: Record<string, (delta: number) => number> = {
    DAY: day,
    WEEK: week,
    MONTH: month,
    QUARTER: quarter,
    YEAR: year,
  };
  const single = { TODAY: 0, YESTERDAY: -1, TOMORROW: 1 }[name];
  if (single !== undefined) return [day(single), day(single + 1)];
  if (name === "LAST_90_DAYS") return [day(-90), day(1)];
  if (name === "NEXT_90_DAYS") return [day(1), day(91)];
  const [, which, many, unit = "DAY"] = /^(LAST|THIS|NEXT)_(N_)?(\w+?)S?$/.exec(name) ?? [];
  const start = starts[unit] ?? day;
  if (!many) {
    const delta = which === "LAST" ? -1 : which === "NEXT" ? 1 : 0;
    return [start(delta), start(delta + 1)];
  }
  // The last N days end with today; the last N of anything longer end before the running one.
  if (which === "LAST") return [start(-count), unit === "DAY" ? day(1) : start(0)];
  return [start(1), start(count + 1)];
}

function compareMoments(value: FieldValue, operator: Operator, literal: Literal, nowMs: number) {
  if (value === null || literal.kind === "value") return operator === "!=";
  const time = fromStamp(value);
  const [from, to] =
    literal.kind === "relative"
      ? relativeRange(nowMs, literal.name, literal.count)
      : momentRange(literal.value);
  const isWithin = time >= from && time < to;
  switch (operator) {
    case "=":
      return isWithin;
    case "!=":
      return !isWithin;
    case "<":
      return time < from;
    case ">":
      return time >= to;
    case "<=":
      return time < to;
    default:
      return operator === ">=" && time >= from;
  }
}

const momentRange = (text: string): readonly [number, number] => {
  const at = Date.parse(text);
  return [at, at + (text.length === 10 ? dayMs : 1)];
};

/** `%` any text, `_` one character; escaped they stand for themselves. */
export function likePattern(raw: string): RegExp {
  const source = raw.replace(/\\(.)|[%_]|[.*+?^${}()|[\]]/gs, (found, escaped?: string) => {
    if (found === "%") return ".*";
    if (found === "_") return ".";
    const plain = escaped === undefined ? found : ({ n: "\n", t: "\t" }[escaped] ?? escaped);
    return plain.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "isu");
}

const fold = (value: FieldValue) => (typeof value === "string" ? value.toLowerCase() : value);

/** One comparison; text is compared without regard to letter case, ids by 15 or 18 characters. */
export function compareOne(
  value: FieldValue,
  operator: Operator,
  literal: Literal,
  nowMs: number,
): boolean {
  if (literal.kind !== "value") return compareMoments(value, operator, literal, nowMs);
  const wanted = literal.value;
  const isId =
    typeof value === "string" &&
    typeof wanted === "string" &&
    /^\w{15}$/.test(wanted) &&
    value.length === 18;
  const isSame = isId ? value.startsWith(wanted) : fold(value) === fold(wanted);
  if (operator === "=") return isSame;
  if (operator === "!=") return !isSame;
  if (value === null || wanted === null) return false;
  const [left, right] = [fold(value), fold(wanted)] as [string | number, string | number];
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  return operator === "<=" ? left <= right : left >= right;
}

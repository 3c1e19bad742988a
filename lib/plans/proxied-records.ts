import { BULK_RECORDS } from "#lib/plans/plan-states.ts";
import type { ProviderRequest } from "#lib/providers/operation.ts";
import type { ClassedCall } from "#lib/providers/proxied-call.ts";

/**
 * How many records a raw call writes, as far as that can be counted from outside: rather too many than too
 * few, and one at least. A bulk job is one of many, whatever this part of it holds.
 */
export function recordsOfCall(
  { door, query, body }: Pick<ProviderRequest, "door" | "query" | "body">,
  { operation }: ClassedCall,
): number {
  const least = operation.startsWith("bulk.") ? Math.max(BULK_RECORDS, linesIn(body ?? "")) : 1;
  return Math.max(least, idsIn(query), body === null ? 0 : recordsInBody(door, body));
}

function recordsInBody(door: ProviderRequest["door"], body: string): number {
  if (door === "soap") return body.match(writtenElement)?.length ?? 0;
  const json = parsed(body);
  const document = isObject(json) && typeof json.query === "string" ? json.query : "";
  return Math.max(recordsIn(json), document.match(graphqlWrite)?.length ?? 0);
}

/** Of a table, below the line of its names. */
const linesIn = (text: string): number => text.match(/\n(?=[^\r\n])/g)?.length ?? 0;

/** The elements of either provider that hold one thing to be written, removed or run each. */
const writtenElement =
  /<(?:[^\s<>/:]+:)?(?:s?objects|ids|leadconverts|request|messages|definitions)[\s/>]/gi;
const graphqlWrite = /\w(?:Create|Update|Delete|Upsert)\s*\(/g;

/** Lists of calls, not of records: each call counts by what it holds. */
const callLists: ReadonlySet<string> = new Set(["batchrequests", "compositerequest", "graphs"]);

function recordsIn(json: unknown): number {
  if (Array.isArray(json)) return listed(json);
  if (!isObject(json)) return 0;
  const counts = Object.entries(json).map(([name, value]) => {
    if (!Array.isArray(value)) return below(value);
    return callLists.has(name.toLowerCase()) ? sum(value.map(recordsOfPart)) : listed(value);
  });
  return Math.max(0, ...counts);
}

function recordsOfPart(part: unknown): number {
  if (!isObject(part)) return 1;
  const { body, richInput, url } = part;
  const query = typeof url === "string" ? (url.split("?")[1] ?? "") : "";
  return Math.max(1, idsIn(query), recordsIn(body ?? richInput ?? part));
}

const listed = (list: readonly unknown[]): number => list.length + sum(list.map(below));

/** Records that hang below others, as trees of them are written. */
function below(value: unknown): number {
  if (Array.isArray(value)) return sum(value.map(below));
  if (!isObject(value)) return 0;
  return sum(
    Object.entries(value).map(([name, inner]) =>
      name.toLowerCase() === "records" && Array.isArray(inner) ? listed(inner) : below(inner),
    ),
  );
}

/** Of a deletion of several by their ids. */
const idsIn = (query: string): number =>
  new URLSearchParams(query).get("ids")?.split(",").length ?? 0;

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

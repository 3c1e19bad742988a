import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { type Call, restError } from "./core.ts";
import type { UnitData } from "./data-store.ts";
import { compareValues, parseFilter } from "./rest-filter.ts";
import type { Authenticated } from "./tokens.ts";

export type RestCall = Call & {
  caller: Authenticated;
  path: string;
  /** Parameter names in lower case; the last of a repeated one counts. */
  query: ReadonlyMap<string, string>;
  /** Named groups of the route's path, decoded. */
  parameters: Readonly<Record<string, string>>;
};

export type RestRoute = {
  method: string;
  path: RegExp;
  /** What the token and its person must both have. */
  scopes: readonly string[];
  answer(call: RestCall): SimulatorResponse;
};

/** Ends a request with this answer. */
export class RestProblem extends Error {
  readonly response: SimulatorResponse;
  constructor(response: SimulatorResponse) {
    super(`status ${response.status}`);
    this.response = response;
  }
}

export const notFound = (message = "Not Found") => new RestProblem(restError(404, 30003, message));

/** `path` is a template: `:name` is one segment, compared without regard to case. */
export function route(
  method: string,
  path: string,
  scopes: string,
  answer: RestRoute["answer"],
): RestRoute {
  const pattern = path.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)");
  return {
    method,
    path: new RegExp(`^${pattern}$`, "i"),
    scopes: scopes.split(" ").filter((scope) => scope !== ""),
    answer,
  };
}

export const unitOf = ({ core, caller }: RestCall): UnitData =>
  core.data.unit(caller.tenant, caller.token.mid);

export const nowOf = ({ core }: RestCall): number => core.context.clock.nowMs();

/** A whole number parameter; anything else is refused as the wrong type. */
export function numberOf(call: RestCall, name: string, fallback: number, max: number): number {
  const given = call.query.get(name);
  if (given === undefined) return fallback;
  if (!/^[1-9][0-9]{0,8}$/.test(given)) {
    throw new RestProblem(restError(400, 10001, `${name} must be a positive number.`));
  }
  return Math.min(Number(given), max);
}

export type Page = { page: number; pageSize: number };
export const pageOf = (call: RestCall, fallback = 50, max = 500): Page => ({
  page: numberOf(call, "$page", 1, 1e8),
  pageSize: numberOf(call, "$pagesize", fallback, max),
});

export const slice = <T>(items: readonly T[], { page, pageSize }: Page): T[] =>
  items.slice((page - 1) * pageSize, page * pageSize);

/** `{count, page, pageSize, links, items}`; `count` is the total. */
export function listOf<T extends object>(call: RestCall, all: readonly T[], page = pageOf(call)) {
  const wanted = ordered(filtered(all, call.query.get("$filter")), call.query.get("$orderby"));
  return json(200, { count: wanted.length, ...page, links: {}, items: slice(wanted, page) });
}

/** A field by its path, `category.id`, whatever the case; undefined when absent or null. */
export const readField = (item: object) => (field: string) => {
  const path = field.toLowerCase().split(".");
  let value: unknown = item;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name.toLowerCase() === step)?.[1];
  }
  return value === undefined || value === null ? undefined : String(value);
};

export function filtered<T extends object>(items: readonly T[], filter: string | undefined): T[] {
  if (!filter) return [...items];
  const predicate = parseFilter(filter);
  return items.filter((item) => predicate(readField(item)));
}

export function ordered<T extends object>(items: readonly T[], order: string | undefined): T[] {
  const [field, direction] = order?.trim().split(/\s+/) ?? [];
  if (!field) return [...items];
  const sign = direction?.toLowerCase() === "desc" ? -1 : 1;
  return [...items].sort(
    (a, b) => sign * compareValues(readField(a)(field) ?? "", readField(b)(field) ?? ""),
  );
}

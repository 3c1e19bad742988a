import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { type ObjectSpec, objectSpecs, type Row } from "#lib/simulator/salesforce/objects.ts";
import {
  isVisibleObject,
  pathOf,
  type Scope,
  visibleObject,
} from "#lib/simulator/salesforce/query-fields.ts";
import { parseBody } from "#lib/simulator/salesforce/rest-body.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";
import { chosenRows, projection } from "#lib/simulator/salesforce/rest-query.ts";
import {
  type Finds,
  parseFind,
  phrase,
  requireLongEnough,
} from "#lib/simulator/salesforce/search-words.ts";
import { readTail, type SoqlQuery } from "#lib/simulator/salesforce/soql.ts";
import { createReader } from "#lib/simulator/salesforce/soql-tokens.ts";

const mostFound = 2000;
const searched =
  /^(?:Account|Contact|Lead|Opportunity|Case|Campaign|Loyalty_Account__c|Gift_Card__c)$/;

const isSearched = (spec: ObjectSpec): boolean => searched.test(spec.name);

type Group = "ALL" | "NAME" | "EMAIL" | "PHONE" | "SIDEBAR";
type Part = Pick<SoqlQuery, "where" | "orderBy" | "limit" | "offset"> & {
  object: string;
  fields: { path: string; at: number }[];
};

const malformedSearch = (message: string) => new RestRefusal(400, "MALFORMED_SEARCH", message);

function textsOf(spec: ObjectSpec, group: Group, row: Row): string[] {
  const fields = spec.fields.filter(({ name, type, length, referenceTo }) => {
    if (referenceTo || type === "id") return false;
    if (group === "EMAIL") return type === "email";
    if (group === "PHONE") return type === "phone";
    if (group === "NAME") return /^(?:Name|FirstName|LastName|CaseNumber|Subject)$/.test(name);
    return /^(?:string|email|phone|url)$/.test(type) || (type === "textarea" && length > 0);
  });
  return fields.flatMap(({ name }) => (typeof row[name] === "string" ? [row[name] as string] : []));
}

function find(
  call: RestCall,
  text: string,
  finds: Finds,
  group: Group,
  parts: readonly Part[] | null,
  limit: number,
): SimulatorResponse {
  const wanted =
    parts ??
    objectSpecs
      .filter((spec) => isSearched(spec) && isVisibleObject(call, spec))
      .map(
        (spec): Part => ({
          object: spec.name,
          fields: [],
          where: null,
          orderBy: [],
          limit: null,
          offset: 0,
        }),
      );
  const searchRecords = wanted.flatMap((part) => {
    const spec = visibleObject(
      call,
      part.object,
      (message) => new RestRefusal(400, "INVALID_TYPE", message),
    );
    if (!isSearched(spec)) {
      throw new RestRefusal(
        400,
        "INVALID_TYPE",
        `entity type ${spec.name} does not support search`,
      );
    }
    const scope: Scope = { call, soql: text, spec, alias: null };
    const asked = part.fields.length ? part.fields : [{ path: "Id", at: 0 }];
    const toJson = projection(
      scope,
      asked.map((field) => pathOf(scope, field)),
    );
    const hits = call.store.rows(spec).filter((row) => finds(textsOf(spec, group, row).join("\n")));
    return chosenRows(scope, part, hits).map(toJson);
  });
  return json(200, { searchRecords: searchRecords.slice(0, Math.min(limit, mostFound)) });
}

const requireReading = (call: RestCall) => {
  const { method } = call.request;
  if (method === "GET" || method === "POST") return;
  throw new RestRefusal(
    405,
    "METHOD_NOT_ALLOWED",
    `HTTP Method '${method}' not allowed. Allowed are HEAD,GET,POST`,
  );
};

/**
 * `search?q=` with SOSL: `FIND {…} IN … FIELDS RETURNING Object(fields WHERE … LIMIT …) LIMIT …`.
 *
 * @throws {RestRefusal} MALFORMED_SEARCH, MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE
 */
export function search(call: RestCall): SimulatorResponse {
  requireReading(call);
  const text = call.query.get("q") ?? "";
  const head = /^\s*FIND\s*\{((?:[^{}\\]|\\.)*)\}/is.exec(text);
  if (!head)
    throw malformedSearch("No search term found. The search term must be enclosed in braces.");
  const finds = parseFind(head[1] as string);
  const tail = text.slice(head[0].length);
  const reader = createReader(tail);
  let group: Group = "ALL";
  if (reader.accept("in")) {
    const word = reader.name().text.toUpperCase();
    if (!/^(?:ALL|NAME|EMAIL|PHONE|SIDEBAR)$/.test(word)) reader.fail();
    group = word as Group;
    reader.expect("fields");
  }
  let parts: Part[] | null = null;
  if (reader.accept("returning")) {
    parts = [];
    do {
      const object = reader.name().text;
      const fields: Part["fields"] = [];
      let more: Pick<Part, "where" | "orderBy" | "limit" | "offset"> = {
        where: null,
        orderBy: [],
        limit: null,
        offset: 0,
      };
      if (reader.accept("(")) {
        do {
          const { text: path, at } = reader.name();
          fields.push({ path, at });
        } while (reader.accept(","));
        more = readTail(reader);
        reader.expect(")");
      }
      parts.push({ object, fields, ...more });
    } while (reader.accept(","));
  }
  const limit = reader.accept("limit") ? reader.whole() : mostFound;
  if (reader.peek()) reader.fail();
  return find(call, tail, finds, group, parts, limit);
}

type Wanted = { q?: unknown; in?: unknown; fields?: unknown; sobjects?: unknown } & Record<
  string,
  unknown
>;

/**
 * `parameterizedSearch`: the text as it is, with what is wanted beside it (GET) or in JSON (POST).
 *
 * @throws {RestRefusal} MALFORMED_SEARCH, INVALID_FIELD, INVALID_TYPE
 */
export function parameterizedSearch(call: RestCall): SimulatorResponse {
  requireReading(call);
  const list = (text: string | null) => text?.split(",").map((name) => name.trim());
  const given: Wanted =
    call.request.method === "POST"
      ? parseBody(call.request.body.toString("utf8"))
      : {
          q: call.query.get("q"),
          in: call.query.get("in") ?? undefined,
          fields: list(call.query.get("fields")),
          sobjects: call.query.getAll("sobject").map((name) => ({ name })),
          overallLimit: call.query.get("overallLimit") ?? undefined,
          defaultLimit: call.query.get("defaultLimit") ?? undefined,
        };
  if (typeof given.q !== "string") throw malformedSearch("q is required");
  requireLongEnough(given.q);
  const names = (value: unknown) =>
    Array.isArray(value) ? value.map((name) => ({ path: String(name), at: 0 })) : [];
  const count = (value: unknown) => (value == null ? null : Number(value));
  const objects = Array.isArray(given.sobjects)
    ? (given.sobjects as Record<string, unknown>[])
    : [];
  const parts = objects.map((one): Part => {
    const where = typeof one.where === "string" ? `WHERE ${one.where}` : "";
    const reader = createReader(where);
    const tail = readTail(reader);
    if (reader.peek()) reader.fail();
    return {
      ...tail,
      object: String(one.name),
      fields: names(one.fields ?? given.fields),
      limit: count(one.limit ?? given.defaultLimit),
    };
  });
  return find(
    call,
    given.q,
    phrase(given.q),
    String(given.in ?? "ALL").toUpperCase() as Group,
    parts.length ? parts : null,
    count(given.overallLimit) ?? mostFound,
  );
}

import { type DocumentNode, Kind, parse, visit } from "graphql";
import { mediaTypeOf, textOf } from "#lib/providers/call-rules.ts";
import { type ClassedCall, type ProxiedCall, unknownCall } from "#lib/providers/proxied-call.ts";
import { classOfObjects } from "#lib/providers/salesforce/object-class.ts";
import { parseStrictJson } from "#lib/providers/strict-json.ts";

const maxTokens = 20_000;
const known: ReadonlySet<string> = new Set(["query", "variables", "operationName"]);

/**
 * A GraphQL request is what its document says: queries alone read, one mutation anywhere makes it a
 * write, whichever operation is named to run. A subscription, a stored query's hash or a document that
 * does not parse is unknown.
 */
export function classOfGraphql(call: ProxiedCall): ClassedCall {
  if (mediaTypeOf(call) !== "application/json") return unknownCall;
  const text = textOf(call.body);
  const body = text === null ? undefined : parseStrictJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) return unknownCall;
  if (!Object.keys(body).every((key) => known.has(key))) return unknownCall;
  const { query } = body as { query?: unknown };
  const document = typeof query === "string" ? parsed(query) : null;
  return document ? classOfDocument(document) : unknownCall;
}

function parsed(query: string): DocumentNode | null {
  try {
    return parse(query, { noLocation: true, maxTokens });
  } catch {
    return null;
  }
}

function classOfDocument(document: DocumentNode): ClassedCall {
  const operations = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.add(definition.operation);
    else if (definition.kind !== Kind.FRAGMENT_DEFINITION) return unknownCall;
  }
  if (operations.size === 0 || operations.has("subscription")) return unknownCall;
  if (!operations.has("mutation")) return { class: "read", operation: "graphql.query" };
  const objects: string[] = [];
  visit(document, {
    Field({ name }) {
      const object = /^(.+?)(?:Create|Update|Delete|Upsert)$/.exec(name.value)?.[1];
      if (object !== undefined) objects.push(object);
    },
  });
  const found = classOfObjects(objects);
  const operation = found === "write" ? "graphql.mutation" : `graphql.mutation.${found}`;
  return { class: found, operation };
}

import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from "graphql";
import { mediaTypeOf, textOf } from "#lib/providers/call-rules.ts";
import {
  type ClassedCall,
  type ProxiedCall,
  removing,
  unknownCall,
} from "#lib/providers/proxied-call.ts";
import { classOfObjects } from "#lib/providers/salesforce/object-class.ts";
import { parseStrictJson } from "#lib/providers/strict-json.ts";

const maxTokens = 20_000;
const known: ReadonlySet<string> = new Set(["query", "variables", "operationName"]);

/**
 * A GraphQL request is what its document says: queries alone read, one mutation anywhere makes it a
 * write, whichever operation is named to run. A subscription, a stored query's hash, a mutation of anything
 * but records, or a document that does not parse is unknown.
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
  const mutations: OperationDefinitionNode[] = [];
  let queries = 0;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    if (definition.kind !== Kind.OPERATION_DEFINITION) return unknownCall;
    if (definition.operation === "subscription") return unknownCall;
    if (definition.operation === "mutation") mutations.push(definition);
    else queries += 1;
  }
  if (mutations.length === 0) {
    return queries === 0 ? unknownCall : { class: "read", operation: "graphql.query" };
  }
  const writes = mutations.map(writesOf);
  return writes.includes(null) ? unknownCall : classOfWrites(writes.flatMap((each) => each ?? []));
}

/** What a mutation does to which object, by the fields below `uiapi`; null where it does something else. */
function writesOf({ selectionSet }: OperationDefinitionNode): Write[] | null {
  const writes: Write[] = [];
  for (const api of selectionSet.selections) {
    if (api.kind !== Kind.FIELD || api.name.value !== "uiapi") return null;
    for (const field of api.selectionSet?.selections ?? []) {
      const [, object, verb] =
        (field.kind === Kind.FIELD && writeField.exec(field.name.value)) || [];
      if (object === undefined) return null;
      writes.push({ object, isRemoval: verb === "Delete" });
    }
  }
  return writes;
}

type Write = { object: string; isRemoval: boolean };
const writeField = /^(.+?)(Create|Update|Delete|Upsert)$/;

function classOfWrites(writes: readonly Write[]): ClassedCall {
  const found = classOfObjects(writes.map(({ object }) => object));
  const operation = found === "write" ? "graphql.mutation" : `graphql.mutation.${found}`;
  const classed: ClassedCall = { class: found, operation };
  return writes.some(({ isRemoval }) => isRemoval) ? removing(classed) : classed;
}

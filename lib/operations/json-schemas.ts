import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import type { Operation } from "#lib/providers/operation.ts";

export type JsonSchemas = { readonly input: JsonObject; readonly output: JsonObject };

// Of the registry alone, which is the same for everybody.
const made = new WeakMap<Operation, JsonSchemas>();

/** What an operation takes and gives, as JSON Schema (2020-12); made once from its zod schemas. */
export function jsonSchemasOf(operation: Operation): JsonSchemas {
  const found = made.get(operation);
  if (found) return found;
  const schemas = {
    input: z.toJSONSchema(operation.input, { io: "input" }) as JsonObject,
    output: z.toJSONSchema(operation.output, { io: "output" }) as JsonObject,
  };
  made.set(operation, schemas);
  return schemas;
}

import { jsonSchemasOf } from "#lib/operations/json-schemas.ts";
import type { OperationJson } from "#lib/operations/schema.ts";
import type { UsableOperation } from "#lib/operations/usable-operations.ts";

export function toOperationJson({ operation, connectionIds }: UsableOperation): OperationJson {
  const { id, provider, area, title, description, effect, scopes, example } = operation;
  const { input, output } = jsonSchemasOf(operation);
  return {
    ...{ id, provider, area, title, description, effect },
    scopes: [...scopes],
    input,
    output,
    example,
    connectionIds,
  };
}

import { marketingCloudOperations } from "#lib/providers/marketing-cloud/operations/table.ts";
import type { Operation, ProviderRequest } from "#lib/providers/operation.ts";
import {
  type OperationOfCall,
  recordOperationOf,
} from "#lib/providers/salesforce/operations/raw-record.ts";
import { salesforceOperations } from "#lib/providers/salesforce/operations/table.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";

/**
 * The one registry of operations: forms, the agents' interface, its description and the tools of MCP are
 * all made from it. Fixed order: Salesforce first, each provider's as its table has them.
 */
export const operations: readonly Operation[] = [
  ...salesforceOperations,
  ...marketingCloudOperations,
];

const byId: ReadonlyMap<string, Operation> = new Map(
  operations.map((operation) => [operation.id, operation]),
);

export const findOperation = (id: string): Operation | null => byId.get(id) ?? null;

/** The operation that does exactly what a raw call does, where one is known; null otherwise. */
export const operationOfCall = (
  provider: ProviderName,
  request: ProviderRequest,
): OperationOfCall | null => (provider === "salesforce" ? recordOperationOf(request) : null);

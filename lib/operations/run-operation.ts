import type { UsableGrantDeps } from "#lib/broker/usable-grant.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { invalidInput } from "#lib/core/invalid-input.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { grantOf } from "#lib/operations/grant-of.ts";
import { missingScopesOf } from "#lib/operations/missing-scopes.ts";
import { openProviderApi } from "#lib/operations/open-provider-api.ts";
import type { Asker, RequestDeps } from "#lib/operations/send-request.ts";
import type { Operation, ReadOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { findOperation } from "#lib/providers/operations.ts";

export type OperationDeps = RequestDeps & UsableGrantDeps;
export type OperationCall = { operationId: string; connectionId: string; input: unknown };
/** What an operation is about, all of it proven. */
export type ReadyOperation<O extends Operation = Operation> = {
  operation: O;
  grant: Grant;
  /** As its schema gives it back. */
  input: unknown;
};

/**
 * Finds an operation and the asker's grant for it, and parses its input.
 *
 * @throws {NotFoundError} no such operation, no such connection, or one of another provider (TEN-2, MCP-5)
 * @throws {InvalidInputError} the input is not the operation's
 * @throws {OperationFailedError} `operations.missing_scope`: the grant lacks what it needs
 * @throws {GrantNotUsableError} connect or reconnect first
 */
export async function readyOperation(
  deps: UsableGrantDeps,
  asker: Asker,
  { operationId, connectionId, input }: OperationCall,
): Promise<ReadyOperation> {
  const operation = findOperation(operationId);
  if (operation === null) throw new NotFoundError();
  const grant = await grantOf(deps, asker, connectionId);
  if (grant.connection.provider !== operation.provider) throw new NotFoundError();
  const parsed = operation.input.safeParse(input);
  if (!parsed.success) throw invalidInput(parsed.error);
  requireScopes(operation, grant);
  return { operation, grant, input: parsed.data };
}

/**
 * Runs an operation that reads, with the asker's own grant.
 *
 * @returns what the operation's output schema lets out, and how many rows that is
 * @throws as `readyOperation`; {OperationFailedError} the provider refused; {EgressError} no answer
 */
export async function runRead(
  deps: OperationDeps,
  asker: Asker,
  ready: ReadyOperation<ReadOperation>,
  options: Parameters<typeof openProviderApi>[3],
): Promise<{ output: unknown; rows: number }> {
  const { operation, grant, input } = ready;
  const api = openProviderApi(deps, asker, grant, options);
  const output = operation.output.safeParse(await operation.run(api, input));
  if (!output.success) {
    throw new OperationFailedError(
      "operations.unreadable_answer",
      "The provider answered in a form that the studio does not know.",
      { cause: output.error },
    );
  }
  return { output: output.data, rows: operation.rowsOf(output.data) };
}

export const isRead = (ready: ReadyOperation): ready is ReadyOperation<ReadOperation> =>
  ready.operation.effect === "read";

function requireScopes(operation: Operation, grant: Grant): void {
  const missing = missingScopesOf(operation, grant);
  if (missing.length === 0) return;
  throw new OperationFailedError(
    "operations.missing_scope",
    `"${operation.title}" needs ${missing.join(", ")}, which this sign-in was not given. Add it to the connection's scopes and reconnect.`,
  );
}

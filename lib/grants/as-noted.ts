import { authHostOf, type Connection } from "#lib/connections/connection.ts";
import type { Flow } from "#lib/grants/flow-repository.ts";

/**
 * Does a flow still run under the definition that it began under? An edit ends the flows it finds; this
 * holds for one that began just then, at the point of use: no code, secret or token follows an edit
 * (TEN-5).
 */
export function isAsNoted(
  flow: Pick<Flow, "tokenHost" | "clientId" | "accountId">,
  connection: Connection,
): boolean {
  return (
    flow.tokenHost === authHostOf(connection) &&
    flow.clientId === connection.clientId &&
    flow.accountId === connection.accountId
  );
}

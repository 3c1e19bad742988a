import type { IncomingMessage, ServerResponse } from "node:http";
import { NotFoundError } from "#lib/core/errors.ts";

/** Everything below it is the proxy's, by the address as it was sent. */
export const PROXY_PREFIX = "/api/broker/proxy/";

/**
 * Handles a call of the proxy from Node's own request to Node's own response.
 *
 * @throws whatever was not answered yet: the app makes a problem of it
 */
export async function handleProxyCall(
  _deps: object,
  _exchange: { req: IncomingMessage; res: ServerResponse; requestId: string },
): Promise<void> {
  throw new NotFoundError();
}

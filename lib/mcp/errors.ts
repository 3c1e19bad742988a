import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** The caller's grant on the connection lacks scopes that the tool's operation needs (MCP-1). */
export class InsufficientScopeError extends StudioError {
  readonly code = "mcp.insufficient_scope";
  readonly status = 403;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "ask-admin" };
  /** All that are needed, those that are there too. */
  readonly scopes: readonly string[];
  constructor(scopes: readonly string[]) {
    super("the grant lacks scopes");
    this.scopes = scopes;
    this.userMessage = `This needs ${scopes.join(", ")}, and the sign-in on this connection was not given all of it. Add them to the connection's scopes and reconnect.`;
  }
}

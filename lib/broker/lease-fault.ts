/**
 * Why the connection failed a lease, by stable code: the provider's reason where there is one.
 *
 * @returns null where the agent was refused for what it asked, which is no fault of the connection
 */
export function leaseFault(error: unknown): string | null {
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  // The database's own codes have no dot.
  if (typeof code !== "string" || !code.includes(".")) return "server_error";
  if (code.startsWith("broker.")) return null;
  return typeof reason === "string" ? reason : code;
}

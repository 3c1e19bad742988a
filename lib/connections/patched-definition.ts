import type { Connection } from "#lib/connections/connection.ts";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import type { ConnectionDefinition, ConnectionPatch } from "#lib/connections/schema.ts";
import { InvalidInputError } from "#lib/core/errors.ts";

/**
 * The whole definition that an edit leads to, by the rules of making one.
 *
 * @throws {InvalidInputError} naming the field
 */
export function patchedDefinition(
  connection: Connection,
  { version: _version, voids: _voids, clientSecret, loginHost, ...rest }: ConnectionPatch,
): ConnectionDefinition {
  const patch = { customDomain: loginHost, ...rest };
  const given = Object.fromEntries(
    Object.entries(patch).filter(([, value]) => value !== undefined),
  );
  const merged: Loose = { ...asMade(connection), ...given };
  if (merged.environment !== "custom" && patch.customDomain === undefined) {
    delete merged.customDomain;
  }
  if (merged.accountId === null) delete merged.accountId;
  if (clientSecret) merged.clientSecret = clientSecret;
  const parsed = connectionDefinitionSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.join("."),
    message,
  }));
  throw new InvalidInputError(issues[0]?.message ?? "That is no definition.", issues);
}

/** Before it is parsed anything may stand there. */
type Loose = Partial<
  Record<"environment" | "customDomain" | "accountId" | "clientSecret", unknown>
>;

/** A stored definition as it could have been written. */
function asMade(connection: Connection): Record<string, unknown> {
  const { provider, method, name, environment, surfaces, scopes, clientId } = connection;
  const common = { provider, method, name, environment, surfaces, scopes };
  if (provider === "marketing-cloud") {
    const { tenantSubdomain, accountId } = connection;
    return { ...common, clientId, authBaseUri: tenantSubdomain, accountId };
  }
  return {
    ...common,
    pkce: connection.pkce,
    ...(environment === "custom" ? { customDomain: connection.loginHost } : {}),
    ...(method === "custom-app" ? { clientId } : {}),
  };
}

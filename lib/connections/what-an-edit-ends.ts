import { authHostOf, type Connection } from "#lib/connections/connection.ts";

const fields = [
  "name",
  "environment",
  "surfaces",
  "loginHost",
  "tenantSubdomain",
  "accountId",
  "clientId",
  "clientSecretSealed",
  "scopes",
  "pkce",
] as const satisfies readonly (keyof Connection)[];

/** Names of what differs, as the trail says it; a secret by its name alone. */
export function changedFields(before: Connection, after: Connection): string[] {
  return fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
}

/** Is it about another org, tenant or business unit? What was learnt of the one before does not hold. */
export function appliesElsewhere(before: Connection, after: Connection): boolean {
  return (
    before.environment !== after.environment ||
    authHostOf(before) !== authHostOf(after) ||
    before.accountId !== after.accountId
  );
}

/** Is it another place, or another app there? Then no token or secret of before goes along (TEN-5). */
export function pointsElsewhere(before: Connection, after: Connection): boolean {
  return appliesElsewhere(before, after) || before.clientId !== after.clientId;
}

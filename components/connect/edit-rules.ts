import { loginFor } from "#components/connect/salesforce-login.ts";
import type { ConnectionDefinition, ConnectionJson } from "#lib/connections/schema.ts";
import { parseTenant } from "#lib/providers/marketing-cloud/hosts.ts";

/** What the form says now of where a definition points; half-typed addresses count as another place. */
export type PointsAt = Pick<ConnectionDefinition, "environment"> & {
  host: string | null;
  clientId: string | null;
  accountId: number | null;
};

export const salesforcePointsAt = (of: {
  environment: ConnectionDefinition["environment"];
  customDomain: string;
  /** Null where the method brings its own app. */
  clientId: string | null;
}): PointsAt => {
  const login = loginFor(of.environment, of.customDomain);
  return { ...of, host: login.ok ? login.host : null, accountId: null };
};

export const marketingCloudPointsAt = (of: {
  environment: ConnectionDefinition["environment"];
  authBaseUri: string;
  clientId: string;
  accountId: string;
}): PointsAt => {
  const parsed = parseTenant(of.authBaseUri);
  const mid = of.accountId.replaceAll(/\s/g, "");
  return {
    environment: of.environment,
    host: parsed.ok ? parsed.tenant.subdomain : null,
    clientId: of.clientId.trim(),
    accountId: mid === "" ? null : Number(mid),
  };
};

/** Does saving end access? By the same rule as the server, which has the last word. */
export function pointsElsewhere(before: ConnectionJson, now: PointsAt): boolean {
  return (
    before.environment !== now.environment ||
    (before.loginHost ?? before.tenantSubdomain) !== now.host ||
    (now.clientId !== null && before.clientId !== now.clientId) ||
    before.accountId !== now.accountId
  );
}

/** Whose sign-in ends with it. */
export const peopleWhoReconnect = (before: ConnectionJson): string[] =>
  before.grants
    .filter(({ state }) => state !== "disconnected")
    .map(({ user, isMine }) => (isMine ? "you" : user.name))
    .sort((a, b) => (a === "you" ? -1 : b === "you" ? 1 : a.localeCompare(b)));

/** The form's definition as an edit of what was there. */
export function patchOf(
  before: ConnectionJson,
  definition: ConnectionDefinition,
  edit: { voids: number; removesSecret: boolean },
) {
  const { provider, method, ...fields } = definition;
  return {
    ...fields,
    ...(provider === "marketing-cloud" ? { accountId: definition.accountId ?? null } : {}),
    ...(edit.removesSecret ? { clientSecret: null } : {}),
    version: before.version,
    voids: edit.voids,
  };
}

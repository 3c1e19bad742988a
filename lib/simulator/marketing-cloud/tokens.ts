import type { Core } from "./core.ts";
import { mintToken, unused } from "./mint.ts";
import type { Family, Token } from "./state.ts";
import type { Package, Tenant, User } from "./world.ts";

const accessTokenSeconds = 1200;
const refreshTokenSeconds = 30 * 24 * 60 * 60;
/** lenient: a used refresh token is still taken for this long, against lost answers. */
export const graceSeconds = 300;

export type Issue = {
  tenant: Tenant;
  made: Package;
  family: Family;
  mid: number;
  scopes: readonly string[];
};

export function startFamily(core: Core, given: Omit<Family, "id" | "isRevoked">): Family {
  const { random } = core.context;
  const family: Family = {
    id: unused(random.uuid, (id) => core.state.families.has(id)),
    isRevoked: false,
    ...given,
  };
  core.state.families.set(family.id, family);
  return family;
}

function issue(core: Core, kind: Token["kind"], to: Issue, expiresAtMs: number): Token {
  const { random } = core.context;
  const token: Token = {
    kind,
    token: unused(
      () => mintToken(random, kind, to.tenant, to.made),
      (value) => core.state.tokens.has(value),
    ),
    familyId: to.family.id,
    mid: to.mid,
    scopes: to.scopes,
    expiresAtMs,
    usedAtMs: null,
  };
  core.state.tokens.set(token.token, token);
  return token;
}

export const issueAccessToken = (core: Core, to: Issue): Token =>
  issue(core, "access", to, core.context.clock.nowMs() + accessTokenSeconds * 1000);

/** @param expiresAtMs - left out: 30 days from now */
export const issueRefreshToken = (core: Core, to: Issue, expiresAtMs?: number): Token =>
  issue(
    core,
    "refresh",
    to,
    expiresAtMs ?? core.context.clock.nowMs() + refreshTokenSeconds * 1000,
  );

/** A token that works, with everything it stands for. */
export type Authenticated = {
  token: Token;
  family: Family;
  tenant: Tenant;
  made: Package;
  /** Null for server-to-server. */
  user: User | null;
};

export type AuthenticationFailure = "malformed" | "unknown" | "expired";

/**
 * Finds out whether an access token works, whichever tenant's it is. Revoked counts as expired: the
 * vendor gives no way to tell them apart.
 */
export function authenticate(core: Core, value: string): Authenticated | AuthenticationFailure {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) return "malformed";
  const token = core.state.tokens.get(value);
  const family = token && core.state.families.get(token.familyId);
  if (token?.kind !== "access" || !family) return "unknown";
  if (token.expiresAtMs <= core.context.clock.nowMs()) return "expired";
  return holderOf(core, token, family) ?? "expired";
}

/** The token's tenant, package and person, or undefined when any of them no longer stands behind it. */
export function holderOf(core: Core, token: Token, family: Family): Authenticated | undefined {
  if (family.isRevoked) return undefined;
  const tenant = core.directory.findTenant(family.subdomain);
  const made = tenant && core.directory.findPackage(tenant, family.clientId);
  if (!tenant || !made?.isEnabled) return undefined;
  if (family.username === null) return { token, family, tenant, made, user: null };
  const user = core.directory.findUser(tenant, family.username);
  if (!user || !isAllowed(user, made)) return undefined;
  return { token, family, tenant, made, user };
}

/** Still there, and licensed for the package. */
export const isAllowed = (user: User, made: Package): boolean =>
  user.isActive && isLicensed(user, made);

export const isLicensed = (user: User, made: Package): boolean =>
  user.licences === "all" || user.licences.includes(made.clientId);

/** Scopes of the token that its person may use too; server-to-server has no person. */
export function may(caller: Authenticated, scope: string): boolean {
  return caller.token.scopes.includes(scope) && (caller.user?.permissions.includes(scope) ?? true);
}

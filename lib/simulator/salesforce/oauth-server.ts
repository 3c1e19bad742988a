import { importSPKI, jwtVerify } from "jose";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import {
  approvalKey,
  countLogin,
  isAdminApproved,
  requireAccess,
} from "#lib/simulator/salesforce/access.ts";
import { OAuthRefusal } from "#lib/simulator/salesforce/errors.ts";
import { grantedScopes } from "#lib/simulator/salesforce/scopes.ts";
import { findApp, openSession, subjectOf } from "#lib/simulator/salesforce/state.ts";
import { tokenAnswer } from "#lib/simulator/salesforce/token-answer.ts";
import type { TokenCall } from "#lib/simulator/salesforce/token-call.ts";
import { findUser, orgsAt } from "#lib/simulator/salesforce/world.ts";

/** Dropped from client credentials: there is no browser and nothing to refresh. */
const interactive = new Set(["full", "web", "refresh_token", "openid"]);

/** Only at the org's My Domain, as the app's Run-As user; no refresh token. */
export async function clientCredentials(call: TokenCall): Promise<SimulatorResponse> {
  const { core, request, form, key } = call;
  const app = call.client.require(core, () => true);
  const org = core.world.orgs.find((candidate) => candidate.host === request.host);
  if (!org) throw new OAuthRefusal("unsupportedDomain");
  if (!app.flows.clientCredentials) throw new OAuthRefusal("unauthorizedClient");
  const user = org.users.find((candidate) => candidate.username === app.runAs[org.id]);
  if (!user) throw new OAuthRefusal("noRunAsUser");
  const subject = subjectOf(user, app);
  requireAccess(core, app, org, user, "token");
  const scopes = grantedScopes(app, form.get("scope")).filter((scope) => !interactive.has(scope));
  if (scopes.length === 0) throw new OAuthRefusal("noValidScopes", subject);
  countLogin(core, app, user);
  const given = { clientId: app.clientId, scopes, grantId: null, loginHost: org.loginHost };
  const session = openSession(core, given, org, user, app);
  return tokenAnswer(core, request, key, { session, org, user, app, refreshToken: null });
}

const audiences = ["login.salesforce.com", "test.salesforce.com"] as const;

/** RS256 with the certificate on the app, five minutes at most, for a user who has approved it. */
export async function jwtBearer(call: TokenCall): Promise<SimulatorResponse> {
  const { core, request, form, key } = call;
  const assertion = form.get("assertion") ?? "";
  const claims = unverifiedClaims(assertion);
  const app = findApp(core, String(claims.iss ?? ""));
  if (!app) throw new OAuthRefusal("unknownClient");
  if (!app.flows.jwtBearer || !app.certificatePem) {
    throw new OAuthRefusal("unauthorizedClient", { app: app.clientId });
  }
  const nowSeconds = core.context.clock.nowMs() / 1000;
  const expiresAt = Number(claims.exp);
  // Three minutes by one vendor page, five by another: five is the outer bound.
  if (!(expiresAt > nowSeconds)) throw new OAuthRefusal("expiredAssertion");
  if (expiresAt > nowSeconds + 300) throw new OAuthRefusal("invalidAssertion");
  const certificate = await importSPKI(app.certificatePem, "RS256");
  const currentDate = new Date(core.context.clock.nowMs());
  await jwtVerify(assertion, certificate, { algorithms: ["RS256"], currentDate }).catch(() => {
    throw new OAuthRefusal("invalidAssertion", { app: app.clientId });
  });
  const found = findUser(core.world, String(claims.sub ?? ""));
  if (!found || !orgsAt(core.world, request.host).includes(found.org)) {
    throw new OAuthRefusal("authenticationFailure", { app: app.clientId });
  }
  const { org, user } = found;
  const subject = subjectOf(user, app);
  const wanted = audiences.find((name) => name === org.loginHost);
  const isMeant = [wanted, org.host].some(
    (host) => host && [`https://${host}`, request.urlFor(host)].includes(String(claims.aud)),
  );
  if (!isMeant) throw new OAuthRefusal("invalidAudience", subject);
  requireAccess(core, app, org, user, "token");
  const hasApproved = core.state.approvals[approvalKey(app, user)] !== undefined;
  const isPreApproved = app.permittedUsers === "admin-approved" && isAdminApproved(app, user);
  if (!hasApproved && !isPreApproved) throw new OAuthRefusal("notApproved", subject);
  countLogin(core, app, user);
  const scopes = grantedScopes(app, form.get("scope")).filter((scope) => scope !== "refresh_token");
  const session = openSession(
    core,
    { clientId: app.clientId, scopes, grantId: null, loginHost: org.loginHost },
    org,
    user,
    app,
  );
  return tokenAnswer(core, request, key, {
    session,
    org,
    user,
    app,
    refreshToken: null,
    withoutIssuedAt: true,
  });
}

function unverifiedClaims(assertion: string): Record<string, unknown> {
  try {
    const payload = assertion.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims === "object" && claims !== null) return claims as Record<string, unknown>;
  } catch {
    // Said below in the words of the provider.
  }
  throw new OAuthRefusal("invalidAssertion");
}

import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { countLogin, requireAdmission } from "#lib/simulator/salesforce/access.ts";
import { OAuthRefusal } from "#lib/simulator/salesforce/errors.ts";
import {
  type Grant,
  newRefreshToken,
  openSession,
  revokeGrant,
  type SalesforceCore,
  subjectOf,
} from "#lib/simulator/salesforce/state.ts";
import { tokenAnswer } from "#lib/simulator/salesforce/token-answer.ts";
import type { TokenCall } from "#lib/simulator/salesforce/token-call.ts";
import {
  type App,
  type Org,
  orgById,
  type RotationMode,
  userById,
} from "#lib/simulator/salesforce/world.ts";

const rotationOf = (app: App, org: Org): RotationMode =>
  org.enforcesRotation && app.rotation === "off" ? "strict" : app.rotation;

/** Whether the app's policy has ended the refresh token by itself. */
function isPastPolicy(app: App, grant: Grant, nowMs: number): boolean {
  const policy = app.refreshPolicy;
  if (policy.kind === "infinite") return false;
  if (policy.kind === "zero") return true;
  const fromMs = policy.kind === "unused" ? grant.lastUsedAtMs : grant.createdAtMs;
  return nowMs >= fromMs + policy.seconds * 1000;
}

/** True while the window after a token's first use lasts: its twin is told to wait. */
function isBeingProcessed(core: SalesforceCore, grant: Grant, sent: string): boolean {
  if (core.inWork.has(sent)) return true;
  const replaced = grant.spent.find((old) => old.token === sent);
  const usedAtMs =
    replaced?.atMs ?? (grant.lastUsedAtMs > grant.createdAtMs ? grant.lastUsedAtMs : null);
  const windowMs = core.settings.processingWindowSeconds * 1000;
  return usedAtMs !== null && core.context.clock.nowMs() < usedAtMs + windowMs;
}

/**
 * A token that was replaced came back. Strict: somebody else may hold it, so the grant ends with all
 * its access tokens (H-rtr). Lenient: good for a while, then only refused.
 */
function judgeSpent(core: SalesforceCore, grant: Grant, sent: string, mode: RotationMode): void {
  const replaced = grant.spent.find((old) => old.token === sent);
  if (!replaced) return;
  if (mode === "strict") {
    revokeGrant(core, grant);
    throw new OAuthRefusal("expiredToken");
  }
  const isLate =
    core.context.clock.nowMs() >= replaced.atMs + core.settings.lenientWindowSeconds * 1000;
  if (isLate) throw new OAuthRefusal("expiredToken");
}

export async function refresh(call: TokenCall): Promise<SimulatorResponse> {
  const { core, request, form, key } = call;
  const app = call.client.require(core, (candidate) => candidate.requiresSecretForRefresh);
  const sent = form.get("refresh_token") ?? "";
  const grant = core.state.grants.find(
    (candidate) =>
      candidate.refreshToken === sent || candidate.spent.some((old) => old.token === sent),
  );
  const org = grant && orgById(core.world, grant.orgId);
  const user = org && userById(org, grant.userId);
  if (!user || grant.clientId !== app.clientId) throw new OAuthRefusal("expiredToken");
  const subject = subjectOf(user, app);
  // Good where the grant was given and at the org itself; a stranger's host knows no such token.
  if (![grant.loginHost, org.loginHost, org.host].includes(request.host)) {
    throw new OAuthRefusal("expiredToken", subject);
  }
  if (grant.isRevoked) throw new OAuthRefusal("expiredToken", subject);
  if (isBeingProcessed(core, grant, sent)) throw new OAuthRefusal("beingProcessed", subject);
  const nowMs = core.context.clock.nowMs();
  if (isPastPolicy(app, grant, nowMs)) throw new OAuthRefusal("expiredToken", subject);
  const mode = rotationOf(app, org);
  judgeSpent(core, grant, sent, mode);
  if (org.status === "locked") throw new OAuthRefusal("inactiveOrg", subject);
  if (!user.isActive) throw new OAuthRefusal("inactiveUser", subject);
  requireAdmission(core, app, user);
  countLogin(core, app, user);

  core.inWork.add(sent);
  grant.lastUsedAtMs = nowMs;
  if (mode !== "off" && sent === grant.refreshToken) {
    grant.spent = [...grant.spent, { token: sent, atMs: nowMs }].slice(-50);
    grant.refreshToken = newRefreshToken(core);
  }
  const session = openSession(
    core,
    {
      clientId: app.clientId,
      scopes: grant.scopes,
      grantId: grant.id,
      loginHost: grant.loginHost,
    },
    org,
    user,
    app,
  );
  const answer = await tokenAnswer(core, request, key, {
    session,
    org,
    user,
    app,
    refreshToken: mode === "off" ? null : grant.refreshToken,
  });
  return { ...answer, whenSent: () => core.inWork.delete(sent) };
}

import { createHash } from "node:crypto";
import { formOf, mediaType } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { countLogin, requireAdmission } from "#lib/simulator/salesforce/access.ts";
import { authenticateClient, type ClientCredentials } from "#lib/simulator/salesforce/client.ts";
import { OAuthRefusal, tokenErrorResponse } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { beginDevice, redeemDevice } from "#lib/simulator/salesforce/oauth-device.ts";
import { refresh } from "#lib/simulator/salesforce/oauth-refresh.ts";
import { clientCredentials, jwtBearer } from "#lib/simulator/salesforce/oauth-server.ts";
import { holds } from "#lib/simulator/salesforce/scopes.ts";
import {
  openGrant,
  openSession,
  type SalesforceCore,
  subjectOf,
} from "#lib/simulator/salesforce/state.ts";
import { type SigningKey, tokenAnswer } from "#lib/simulator/salesforce/token-answer.ts";
import type { GrantHandler, TokenCall } from "#lib/simulator/salesforce/token-call.ts";
import { orgById, userById } from "#lib/simulator/salesforce/world.ts";

const grants: Record<string, GrantHandler> = {
  authorization_code: redeemCode,
  refresh_token: refresh,
  client_credentials: clientCredentials,
  "urn:ietf:params:oauth:grant-type:jwt-bearer": jwtBearer,
  device: redeemDevice,
};

/** `POST /services/oauth2/token`: form only; whatever else comes has no grant type for Salesforce. */
export async function token(
  core: SalesforceCore,
  request: SimulatorRequest,
  key: SigningKey,
): Promise<SimulatorResponse> {
  let client: ClientCredentials | undefined;
  try {
    if (request.method !== "POST") throw new OAuthRefusal("mustPost");
    const form =
      mediaType(request) === "application/x-www-form-urlencoded"
        ? formOf(request)
        : new URLSearchParams();
    client = authenticateClient(core, request, form);
    const subject = client.id ? { app: client.id } : {};
    const forced = core.context.faults.take(salesforceFaults.tokenError, {
      host: request.host,
      path: request.path,
      ...subject,
      ...userOf(core, form),
    });
    if (forced) throw new OAuthRefusal(forced, subject);
    const call: TokenCall = { core, request, form, key, client };
    if (form.get("response_type") === "device_code") return beginDevice(call);
    const handler = Object.hasOwn(grants, form.get("grant_type") ?? "")
      ? grants[form.get("grant_type") as string]
      : undefined;
    // `password` ends here too: blocked by default.
    if (!handler) throw new OAuthRefusal("unsupportedGrant");
    return await handler(call);
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    return {
      ...tokenErrorResponse(error.refusal),
      subject: { ...(client?.id ? { app: client.id } : {}), ...error.subject },
    };
  }
}

/** Whose code or refresh token a form carries: so that a fault for a user meets them. */
function userOf(core: SalesforceCore, form: URLSearchParams): { user?: string } {
  const owner =
    core.state.codes.find(({ code }) => code === form.get("code")) ??
    core.state.grants.find(
      ({ refreshToken, spent }) =>
        refreshToken === form.get("refresh_token") ||
        spent.some((old) => old.token === form.get("refresh_token")),
    );
  const org = owner && orgById(core.world, owner.orgId);
  return subjectOf(org && userById(org, owner.userId), undefined);
}

// 43 at least by RFC 7636; no upper bound of 128: the CLI and jsforce send 171 characters.
const verifierPattern = /^[A-Za-z0-9._~-]{43,256}$/;

function checkVerifier(call: TokenCall, challenge: string | null): void {
  const verifier = call.form.get("code_verifier");
  const { core, request, client } = call;
  const isIgnored = core.context.faults.take(salesforceFaults.pkceIgnored, {
    host: request.host,
    path: request.path,
    ...(client.id ? { app: client.id } : {}),
  });
  if (isIgnored) return;
  if (challenge === null) {
    if (verifier !== null) throw new OAuthRefusal("unexpectedVerifier");
    return;
  }
  if (verifier === null || !verifierPattern.test(verifier))
    throw new OAuthRefusal("invalidVerifier");
  const digest = createHash("sha256").update(verifier).digest("base64url");
  if (digest !== challenge) throw new OAuthRefusal("invalidVerifier");
}

async function redeemCode(call: TokenCall): Promise<SimulatorResponse> {
  const { core, request, form, key } = call;
  const app = call.client.require(core, (candidate) => candidate.requiresSecretForWeb);
  const code = core.state.codes.find((candidate) => candidate.code === form.get("code"));
  const org = code && orgById(core.world, code.orgId);
  const user = org && userById(org, code.userId);
  if (!user || code.clientId !== app.clientId) throw new OAuthRefusal("invalidCode");
  const subject = subjectOf(user, app);
  // The token must be asked for where the user was sent, or at the login host that led to the org's own.
  const isLoginOf = code.host === org.host && request.host === org.loginHost;
  if (code.host !== request.host && !isLoginOf) throw new OAuthRefusal("unsupportedGrant", subject);
  if (code.isUsed || core.context.clock.nowMs() >= code.expiresAtMs) {
    throw new OAuthRefusal("expiredCode", subject);
  }
  const redirectUri = form.get("redirect_uri");
  if (!redirectUri) throw new OAuthRefusal("redirectMissing", subject);
  if (redirectUri !== code.redirectUri) throw new OAuthRefusal("redirectMismatch", subject);
  checkVerifier(call, code.challenge);
  if (org.status === "locked") throw new OAuthRefusal("inactiveOrg", subject);
  if (!user.isActive) throw new OAuthRefusal("inactiveUser", subject);
  requireAdmission(core, app, user);
  countLogin(core, app, user);
  code.isUsed = true;
  const grant = holds(code.scopes, "refresh_token")
    ? openGrant(core, {
        clientId: app.clientId,
        orgId: org.id,
        userId: user.id,
        scopes: code.scopes,
        loginHost: request.host,
      })
    : null;
  const session = openSession(
    core,
    {
      clientId: app.clientId,
      scopes: code.scopes,
      grantId: grant?.id ?? null,
      loginHost: request.host,
    },
    org,
    user,
    app,
  );
  return tokenAnswer(core, request, key, {
    session,
    org,
    user,
    app,
    refreshToken: grant?.refreshToken ?? null,
    nonce: code.nonce,
  });
}

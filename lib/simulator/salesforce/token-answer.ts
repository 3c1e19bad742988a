import { createHmac, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { noStore } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults, type TokenLie } from "#lib/simulator/salesforce/faults.ts";
import { type SalesforceCore, type Session, subjectOf } from "#lib/simulator/salesforce/state.ts";
import type { App, Org, SalesforceUser } from "#lib/simulator/salesforce/world.ts";

export type SigningKey = { privateKey: KeyObject; jwk: Record<string, unknown> };

export const identityUrl = (request: SimulatorRequest, org: Org, user: SalesforceUser): string =>
  `${request.urlFor(org.loginHost)}/id/${org.id}/${user.id}`;

/** base64(HMAC-SHA256(client secret, id + issued_at)). */
const signatureOf = (secret: string, id: string, issuedAt: string): string =>
  createHmac("sha256", secret).update(`${id}${issuedAt}`).digest("base64");

async function idToken(
  request: SimulatorRequest,
  key: SigningKey,
  given: { session: Session; org: Org; user: SalesforceUser; app: App; nonce: string | null },
): Promise<string> {
  const issuedAt = Math.floor(given.session.createdAtMs / 1000);
  return new SignJWT({
    ...(given.nonce ? { nonce: given.nonce } : {}),
    preferred_username: given.user.username,
    email: given.user.email,
    name: `${given.user.firstName} ${given.user.lastName}`,
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: String(key.jwk.kid) })
    .setIssuer(request.urlFor(given.session.loginHost))
    .setAudience(given.app.clientId)
    .setSubject(identityUrl(request, given.org, given.user))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 120)
    .sign(key.privateKey);
}

const lies: Record<TokenLie, (body: Record<string, unknown>, request: SimulatorRequest) => void> = {
  "foreign-instance-url": (body) => {
    body.instance_url = "https://collector.attacker.example";
  },
  "lightning-instance-url": (body) => {
    body.instance_url = "https://haldenoutdoor.lightning.force.com";
  },
  "http-instance-url": (body) => {
    body.instance_url = `http://${String(body.instance_url).split("/").at(-1)}`;
  },
  "instance-url-with-slash": (body) => {
    body.instance_url = `${body.instance_url}/`;
  },
  "instance-url-with-path": (body) => {
    body.instance_url = `${body.instance_url}/services`;
  },
  "missing-instance-url": (body) => delete body.instance_url,
  "foreign-id-url": (body) => {
    body.id = `https://collector.attacker.example${new URL(String(body.id)).pathname.replace(/^.*(?=\/id\/)/, "")}`;
  },
  "malformed-id-url": (body) => {
    body.id = "https://login.salesforce.com/id/nobody";
  },
  "other-org-id": (body) => {
    body.id = String(body.id).replace(/00D\w+/, "00DXX0000000001MAA");
  },
  "other-user-id": (body) => {
    body.id = String(body.id).replace(/\/005\w+$/, "/005XX0000000001MAA");
  },
  "missing-id": (body) => delete body.id,
  "missing-refresh-token": (body) => delete body.refresh_token,
  "missing-access-token": (body) => delete body.access_token,
  "wrong-token-type": (body) => {
    body.token_type = "mac";
  },
  "fewer-scopes": (body) => {
    body.scope = "id";
  },
};

/** The JSON of a good token answer: form and words of the contract, section 3.1. */
export async function tokenAnswer(
  core: SalesforceCore,
  request: SimulatorRequest,
  key: SigningKey,
  given: {
    session: Session;
    org: Org;
    user: SalesforceUser;
    app: App;
    refreshToken: string | null;
    nonce?: string | null;
    /** JWT bearer answers carry no time. */
    withoutIssuedAt?: boolean;
  },
): Promise<SimulatorResponse> {
  const { session, org, user, app } = given;
  const id = identityUrl(request, org, user);
  const issuedAt = String(session.createdAtMs);
  const body: Record<string, unknown> = {
    access_token: session.token,
    ...(given.refreshToken ? { refresh_token: given.refreshToken } : {}),
    signature: signatureOf(app.secret, id, issuedAt),
    scope: session.scopes.join(" "),
    ...(session.scopes.includes("openid")
      ? { id_token: await idToken(request, key, { ...given, nonce: given.nonce ?? null }) }
      : {}),
    instance_url: request.urlFor(org.host),
    id,
    token_type: "Bearer",
    ...(given.withoutIssuedAt ? {} : { issued_at: issuedAt }),
    ...(app.issuesJwtTokens ? { expires_in: session.timeoutSeconds } : {}),
  };
  const subject = subjectOf(user, app);
  const where = { host: request.host, path: request.path, ...subject };
  const lie = core.context.faults.take(salesforceFaults.tokenLie, where);
  if (lie) lies[lie.lie](body, request);
  return { ...json(200, body, noStore), subject };
}

import { type AuthenticateDeps, authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import { type AdmitDeps, admitCaller } from "#lib/broker/admit-caller.ts";
import { type IssueLeaseDeps, issueLease } from "#lib/broker/issue-lease.ts";
import type { LeaseBook } from "#lib/broker/lease-book.ts";
import { makeLeaseToken } from "#lib/broker/lease-token.ts";
import { proxyUrl } from "#lib/broker/proxy-address.ts";
import { type UsableGrantDeps, usableGrant } from "#lib/broker/usable-grant.ts";
import { isStudioError, NotFoundError, type Remedy, StudioError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";

export type DropInDeps = AuthenticateDeps &
  UsableGrantDeps &
  IssueLeaseDeps &
  AdmitDeps & { studioUrl: string; leaseBook: LeaseBook };

/** A token request's fields: single strings, `account_id` also as a number. */
export type TokenFields = ReadonlyMap<string, string>;

/** A token request that is refused in the words of Marketing Cloud (contract, section 3.3). */
export class TokenRefusedError extends StudioError {
  readonly code = "broker.token_refused";
  readonly status: number;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  /** RFC 6749, section 5.2. */
  readonly error: string;
  constructor(status: number, error: string, description: string) {
    super(error);
    this.status = status;
    this.error = error;
    this.userMessage = description;
  }
}

/** As Marketing Cloud answers, so that its clients need not know us. */
export type DropInToken = {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  scope: string;
  rest_instance_url: string;
  soap_instance_url: string;
  refresh_token?: string;
};

const clientFailed = () =>
  new TokenRefusedError(
    401,
    "invalid_client",
    "Client authentication failed. Make sure that the client ID and client secret are valid and that the package is installed and enabled.",
  );

const grantTypes = ["client_credentials", "authorization_code", "refresh_token"] as const;

/**
 * The token endpoint of a Marketing Cloud tenant, played by the studio: a client that has the agent's id
 * as its client id, and the agent key where its own secret, code or refresh token would stand, gets a
 * lease, and addresses that lead through the proxy. Apps without a secret keep a refresh token: for them
 * the key is that too, and is given back as it came.
 *
 * @throws {TokenRefusedError} in the provider's words
 * @throws {StudioError} no lease can be had just now
 * @see contract of Marketing Cloud, section 3
 */
export async function dropInToken(
  deps: DropInDeps,
  connectionId: string,
  fields: TokenFields,
  { requestId, network }: { requestId: string; network: string },
): Promise<DropInToken> {
  const grantType = grantTypes.find((known) => known === fields.get("grant_type"));
  if (!grantType) {
    throw new TokenRefusedError(
      400,
      "unsupported_grant_type",
      'Use "authorization_code" or "refresh_token" or "client_credentials" as the grant_type.',
    );
  }
  const { agent, key } = await clientOf(deps, fields, network);
  const grant = await unitOf(deps, agent, connectionId);
  const asked = fields.get("account_id");
  const unit = grant.connection.accountId ?? grant.memberId;
  // Another unit's token cannot come of this sign-in, and nobody is to believe it did.
  if (asked !== undefined && asked !== String(unit)) throw clientFailed();
  const scopes = (fields.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  if (scopes.some((scope) => !grant.scopes.includes(scope))) {
    throw new TokenRefusedError(
      400,
      "invalid_scope",
      "A scope that was asked for is not on this connection.",
    );
  }
  const { lease, expiresInSeconds } = await issueLease(
    deps,
    agent,
    { connectionId, minRemainingSeconds: 0, raw: false },
    { requestId },
  );
  const at = (door: "rest" | "soap") => `${proxyUrl(deps.studioUrl, connectionId, door)}/`;
  return {
    access_token: makeLeaseToken(deps.leaseBook.tokenKey, lease.id),
    token_type: "Bearer",
    expires_in: expiresInSeconds,
    scope: grant.scopes.join(" "),
    rest_instance_url: at("rest"),
    soap_instance_url: at("soap"),
    ...(grantType === "client_credentials" ? {} : { refresh_token: key }),
  };
}

async function clientOf(
  deps: DropInDeps,
  fields: TokenFields,
  network: string,
): Promise<{ agent: AgentPrincipal; key: string }> {
  const given = ["client_secret", "code", "refresh_token"].flatMap(
    (name) => fields.get(name) ?? [],
  );
  const [key] = given;
  if (key === undefined || given.some((other) => other !== key)) throw clientFailed();
  const agent = await authenticateAgent(deps, key);
  if (agent === null || fields.get("client_id")?.toLowerCase() !== agent.agentId) {
    throw clientFailed();
  }
  if (!(await admitCaller(deps, agent, network))) throw clientFailed();
  return { agent, key };
}

async function unitOf(
  deps: DropInDeps,
  agent: AgentPrincipal,
  connectionId: string,
): Promise<Grant> {
  let grant: Grant;
  try {
    grant = await usableGrant(deps, agent, connectionId);
  } catch (error) {
    if (error instanceof NotFoundError) throw clientFailed();
    if (isStudioError(error) && error.remedy.do === "reconnect") {
      throw new TokenRefusedError(400, "invalid_grant", error.userMessage);
    }
    throw error;
  }
  if (grant.connection.provider !== "marketing-cloud") throw clientFailed();
  return grant;
}

const longestField = 2_048;

/**
 * Reads a token request's body: JSON, the documented form, or a form, which works as well.
 *
 * @throws {TokenRefusedError}
 */
export function readTokenFields(contentType: string, body: Buffer): TokenFields {
  const bad = (words: string) => new TokenRefusedError(400, "invalid_request", words);
  const fields = new Map<string, string>();
  const add = (name: string, value: unknown) => {
    const text = typeof value === "number" && name === "account_id" ? String(value) : value;
    if (typeof text !== "string" || text.length > longestField || fields.has(name)) {
      throw bad("A field of the request has the wrong type, is too long or is repeated.");
    }
    fields.set(name, text);
  };
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType)) {
    for (const [name, value] of new URLSearchParams(body.toString("utf8"))) add(name, value);
    return fields;
  }
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) {
    throw bad("Send application/json or a form.");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    throw bad("The request body is not valid JSON.");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw bad("The request body is not a JSON object.");
  }
  for (const [name, value] of Object.entries(parsed)) if (value !== null) add(name, value);
  return fields;
}

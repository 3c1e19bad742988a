import { z } from "zod";
import { plainText } from "#lib/core/plain-text.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { EgressResponse } from "#lib/egress/egress.ts";
import type { TokenResponse } from "#lib/oauth/token-endpoint.ts";
import type {
  ConnectionUnderProof,
  IdentityClaim,
  InstanceHosts,
  Proof,
  ProofFailure,
  Provider,
  ProviderDeps,
  RevocationAnswer,
} from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { salesforceCalls } from "#lib/providers/salesforce/calls.ts";
import {
  salesforceApiMeaning,
  salesforceMeaning,
  salesforceRefreshMeaning,
  statusMeaning,
} from "#lib/providers/salesforce/errors.ts";
import {
  companyKeyOf,
  instanceHostAllowed,
  isLoginHost,
  isSalesforceHost,
} from "#lib/providers/salesforce/hosts.ts";

const proofLimits = { maxBodyBytes: 256 * 1024, totalMs: 10_000 };
const apiVersion = "v60.0";

const instanceUrlSchema = z.object({ instance_url: z.string().max(300) });
const idUrlSchema = z.object({ id: z.string().max(400) });

export const userinfoSchema = z.object({
  user_id: z.string().regex(/^005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/),
  organization_id: z.string().regex(/^00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/),
  preferred_username: plainText.min(1),
  name: plainText.nullish(),
  email: plainText.nullish(),
});

const organizationSchema = z.object({
  records: z.array(z.object({ Name: plainText })).min(1),
});

/** Ids of 15 and 18 characters name the same thing (contract §1). */
function sameId(left: string, right: string): boolean {
  return left.slice(0, 15) === right.slice(0, 15);
}

/** @see contract of Salesforce, sections 2 to 6 */
export const salesforce: Provider = {
  name: "salesforce",
  label: "Salesforce",
  authorizePath: "/services/oauth2/authorize",
  tokenPath: "/services/oauth2/token",
  tokenEncoding: "form",
  // Without it a live browser session silently connects whichever org it is in.
  authorizeExtra: { prompt: "login" },
  tokenExtra: () => ({}),
  instanceHosts: readInstanceHosts,
  claimOf,
  prove,
  businessUnits: { offered: false },
  probe,
  calls: salesforceCalls,
  missingScopes(asked, granted) {
    const held = new Set(granted.map(canonicalScope));
    const all = held.has("full");
    return asked.filter((scope) => {
      const name = canonicalScope(scope);
      return !held.has(name) && !(all && name !== "refresh_token");
    });
  },
  authorizeErrorMeaning: salesforceMeaning,
  tokenErrorMeaning: (refusal) => salesforceMeaning(refusal.error, refusal.description),
  refreshMeaning: (answer) =>
    answer.kind === "refused"
      ? salesforceRefreshMeaning(answer.error, answer.description)
      : { kind: "transient", reason: statusMeaning(answer.status) },
  unusableAnswerMeaning: ({ status }) => statusMeaning(status),
  // Salesforce sends no expires_in on this flow; sessions last 15 minutes at the least (RF-9).
  defaultAccessTokenSeconds: 15 * 60,
  idleDays: 30,
  approvalsPerUser: 5,
  revocation: {
    offered: true,
    async revoke(deps, connection, token) {
      const answer = await deps.egress.send({
        target: deps.addresses.target(connection.environment, connection.tokenHost),
        method: "POST",
        path: "/services/oauth2/revoke",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ token: token.reveal() }).toString(),
        limits: proofLimits,
      });
      return revocationAnswerOf(answer);
    },
  },
};

/**
 * 200 ends it; an unknown token is a dead token, so that is done already. Of the rest only what the
 * endpoint itself says about the request is for good (contract §3.4).
 */
function revocationAnswerOf(answer: EgressResponse): RevocationAnswer {
  const error = answer.body.toString("utf8").match(/invalid_token|unsupported_token_type/)?.[0];
  const isDone = answer.status === 200 || error === "invalid_token";
  const isRefused = answer.status === 400 && error !== undefined;
  const retryAfter = Number(answer.headers.get("retry-after"));
  const requestId = answer.headers.get("x-sfdc-request-id") ?? answer.headers.get("x-request-id");
  return {
    outcome: isDone ? "confirmed" : isRefused ? "refused" : "later",
    status: answer.status,
    requestId: requestId?.replace(/[^A-Za-z0-9_.:-]/g, "").slice(0, 80) || null,
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : 0,
  };
}

/** `offline_access` is another name of `refresh_token` (contract §5). */
function canonicalScope(scope: string): string {
  return scope === "offline_access" ? "refresh_token" : scope;
}

function readInstanceHosts(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  tokens: TokenResponse,
): InstanceHosts | null {
  const answer = instanceUrlSchema.safeParse(tokens.extra);
  if (!answer.success) return null;
  const host = deps.addresses.hostOf(connection.environment, answer.data.instance_url);
  if (!host || !isSalesforceHost(host) || isLoginHost(host)) return null;
  if (!instanceHostAllowed(host, connection.tokenHost)) return null;
  return { instanceHost: host, restHost: null, soapHost: null };
}

/** The answer's `id` ends in `/id/{org}/{user}` (contract §3.1). */
function claimOf(tokens: TokenResponse): IdentityClaim | null {
  const answer = idUrlSchema.safeParse(tokens.extra);
  const [orgId, userId] = answer.success ? answer.data.id.split("/").slice(-2) : [];
  return orgId && userId ? { orgId, userId } : null;
}

async function prove(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  { accessToken, claim }: { accessToken: Secret; claim: IdentityClaim },
): Promise<Proof> {
  const instanceHost = hosts.instanceHost ?? connection.tokenHost;
  const authorization = `Bearer ${accessToken.reveal()}`;
  const get = (host: string, path: string) =>
    deps.egress.send({
      target: deps.addresses.target(connection.environment, host),
      method: "GET",
      path,
      headers: { authorization, accept: "application/json" },
      limits: proofLimits,
    });
  const query = encodeURIComponent("SELECT Id, Name, IsSandbox FROM Organization LIMIT 1");
  const [userinfo, organization] = await Promise.all([
    get(connection.tokenHost, "/services/oauth2/userinfo"),
    get(instanceHost, `/services/data/${apiVersion}/query?q=${query}`),
  ]);

  if (userinfo.status !== 200) return failureOf(userinfo);
  const who = userinfoSchema.safeParse(jsonOf(userinfo));
  if (!who.success) return untrusted;
  // The token answer and the identity service must speak of the same person in the same org.
  const isAsClaimed =
    (claim.orgId === null || sameId(claim.orgId, who.data.organization_id)) &&
    (claim.userId === null || sameId(claim.userId, who.data.user_id));
  if (!isAsClaimed) return untrusted;

  if (!isLivingApi(organization)) return failureOf(organization);
  const named =
    organization.status === 200 ? organizationSchema.safeParse(jsonOf(organization)) : null;
  const orgName = named?.success ? (named.data.records[0]?.Name ?? null) : null;
  const key = companyKeyOf(instanceHost);
  return {
    kind: "proven",
    identity: {
      userId: who.data.user_id,
      username: who.data.preferred_username,
      email: who.data.email ?? null,
      displayName: who.data.name ?? null,
      orgId: who.data.organization_id,
      memberId: null,
      enterpriseId: null,
      orgName,
      group: key ? { key, name: orgName ?? key } : null,
    },
  };
}

async function probe(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  { accessToken }: { accessToken: Secret },
): Promise<ReasonCode | null> {
  const answer = await deps.egress.send({
    target: deps.addresses.target(
      connection.environment,
      hosts.instanceHost ?? connection.tokenHost,
    ),
    method: "GET",
    path: `/services/data/${apiVersion}/limits`,
    headers: { authorization: `Bearer ${accessToken.reveal()}`, accept: "application/json" },
    limits: proofLimits,
  });
  if (answer.status === 200) return null;
  return salesforceApiMeaning(answer.status, answer.body.toString("utf8").slice(0, 4000));
}

/**
 * Did the API itself answer? A missing right on this one object is no matter; without API access, or
 * from an org that is down or moved, nothing else would work either.
 */
function isLivingApi(answer: EgressResponse): boolean {
  if (answer.status === 403) {
    return /INSUFFICIENT_ACCESS|FUNCTIONALITY_NOT_ENABLED/.test(answer.body.toString("utf8"));
  }
  return answer.status === 200 || answer.status === 400 || answer.status === 404;
}

const untrusted: ProofFailure = {
  kind: "failed",
  reason: "answer_not_trusted",
  providerCode: null,
};

function failureOf(answer: EgressResponse): ProofFailure {
  const body = answer.body.toString("utf8").slice(0, 4000);
  return {
    kind: "failed",
    reason: salesforceApiMeaning(answer.status, body),
    providerCode: `${answer.status} ${body.match(/[A-Z][A-Za-z_]{5,60}/)?.[0] ?? ""}`.trim(),
  };
}

function jsonOf(answer: EgressResponse): unknown {
  try {
    return JSON.parse(answer.body.toString("utf8"));
  } catch {
    return null;
  }
}

import { z } from "zod";
import { plainText } from "#lib/core/plain-text.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { TokenResponse } from "#lib/oauth/token-endpoint.ts";
import {
  findBusinessUnitName,
  listBusinessUnits,
} from "#lib/providers/marketing-cloud/business-unit.ts";
import { marketingCloudCalls } from "#lib/providers/marketing-cloud/calls.ts";
import {
  marketingCloudApiMeaning,
  marketingCloudAuthorizeMeaning,
  marketingCloudProofMeaning,
  marketingCloudRefreshMeaning,
  marketingCloudTokenMeaning,
  marketingCloudUnusableMeaning,
} from "#lib/providers/marketing-cloud/errors.ts";
import { parseTenant, tenantOfHost } from "#lib/providers/marketing-cloud/hosts.ts";
import type {
  ConnectionUnderProof,
  InstanceHosts,
  Proof,
  Provider,
  ProviderDeps,
} from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

const proofLimits = { maxBodyBytes: 512 * 1024, totalMs: 10_000 };

const instanceUrlsSchema = z.object({
  rest_instance_url: z.string().max(300),
  soap_instance_url: z.string().max(300),
});

/** Ids arrive as number or as text (contract §4.1); nothing else is one. */
const id = z
  .union([z.number(), z.string().regex(/^\d{1,12}$/)])
  .transform(Number)
  .pipe(z.number().int().positive());
const text = z.union([plainText, z.number().int()]).transform(String).pipe(z.string().min(1));

export const userinfoSchema = z.object({
  user: z.object({
    sub: text,
    name: text.nullish(),
    preferred_username: text.nullish(),
    email: plainText.nullish(),
  }),
  organization: z.object({
    member_id: id,
    enterprise_id: id,
    enterprise_name: plainText.nullish(),
  }),
});

/** @see contract of Marketing Cloud, sections 2 to 5 */
export const marketingCloud: Provider = {
  name: "marketing-cloud",
  label: "Marketing Cloud",
  authorizePath: "/v2/authorize",
  tokenPath: "/v2/token",
  tokenEncoding: "json",
  authorizeExtra: {},
  tokenExtra: (connection): Record<string, number> =>
    connection.accountId === null ? {} : { account_id: connection.accountId },
  instanceHosts: readInstanceHosts,
  claimOf: () => ({ userId: null, orgId: null }),
  prove,
  businessUnits: { offered: true, scope: "accounts_read", list: listBusinessUnits },
  probe,
  calls: marketingCloudCalls,
  missingScopes: (asked, granted) => asked.filter((scope) => !granted.includes(scope)),
  authorizeErrorMeaning: marketingCloudAuthorizeMeaning,
  tokenErrorMeaning: marketingCloudTokenMeaning,
  refreshMeaning: (answer, connection) =>
    marketingCloudRefreshMeaning(answer, connection.accountId),
  unusableAnswerMeaning: (answer, connection) =>
    marketingCloudUnusableMeaning(answer, connection.accountId),
  defaultAccessTokenSeconds: 18 * 60,
  idleDays: 30,
  approvalsPerUser: null,
  revocation: { offered: false },
};

function readInstanceHosts(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  tokens: TokenResponse,
): InstanceHosts | null {
  const answer = instanceUrlsSchema.safeParse(tokens.extra);
  if (!answer.success) return null;
  const restHost = deps.addresses.hostOf(connection.environment, answer.data.rest_instance_url);
  const soapHost = deps.addresses.hostOf(connection.environment, answer.data.soap_instance_url);
  const tenant = tenantOfHost(connection.tokenHost);
  if (!restHost || !soapHost || !tenant) return null;
  const own = parseTenant(tenant);
  if (!own.ok || restHost !== own.tenant.restHost || soapHost !== own.tenant.soapHost) return null;
  return { instanceHost: null, restHost, soapHost };
}

async function prove(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  token: { accessToken: Secret },
): Promise<Proof> {
  const [answer, unitName] = await Promise.all([
    deps.egress.send({
      target: deps.addresses.target(connection.environment, connection.tokenHost),
      method: "GET",
      path: "/v2/userinfo",
      headers: {
        authorization: `Bearer ${token.accessToken.reveal()}`,
        accept: "application/json",
      },
      limits: proofLimits,
    }),
    findBusinessUnitName(deps, connection, hosts, token.accessToken),
  ]);
  if (answer.status !== 200) {
    return {
      kind: "failed",
      reason: marketingCloudProofMeaning(answer.status),
      providerCode: `${answer.status}`,
    };
  }
  const who = userinfoSchema.safeParse(jsonOf(answer.body));
  if (!who.success) return { kind: "failed", reason: "answer_not_trusted", providerCode: null };
  const { user, organization } = who.data;
  if (connection.accountId !== null && organization.member_id !== connection.accountId) {
    return {
      kind: "failed",
      reason: "wrong_business_unit",
      providerCode: `MID ${organization.member_id}`,
    };
  }
  const tenant = tenantOfHost(connection.tokenHost);
  return {
    kind: "proven",
    identity: {
      userId: user.sub,
      username: user.name ?? user.preferred_username ?? user.sub,
      email: user.email ?? null,
      displayName: user.name ?? null,
      orgId: null,
      memberId: organization.member_id,
      enterpriseId: organization.enterprise_id,
      orgName: unitName(organization.member_id),
      group: tenant ? { key: tenant, name: organization.enterprise_name ?? tenant } : null,
    },
  };
}

/** Content where the token may read it, since only such a read meets the person's own rights too. */
const probePaths: readonly [scope: string | null, path: string][] = [
  ["documents_and_images_read", "/asset/v1/content/assets?$page=1&$pagesize=1"],
  [null, "/platform/v1/tokenContext"],
];

async function probe(
  deps: ProviderDeps,
  connection: ConnectionUnderProof,
  hosts: InstanceHosts,
  { accessToken, scopes }: { accessToken: Secret; scopes: readonly string[] },
): Promise<ReasonCode | null> {
  if (hosts.restHost === null) return null;
  const path = probePaths.find(([scope]) => scope === null || scopes.includes(scope))?.[1];
  const answer = await deps.egress.send({
    target: deps.addresses.target(connection.environment, hosts.restHost),
    method: "GET",
    path: path ?? "/platform/v1/tokenContext",
    headers: { authorization: `Bearer ${accessToken.reveal()}`, accept: "application/json" },
    limits: proofLimits,
  });
  return answer.status >= 200 && answer.status < 300
    ? null
    : marketingCloudApiMeaning(answer.status);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}

import type { Secret } from "#lib/core/secret.ts";
import type { Egress } from "#lib/egress/egress.ts";
import type { TokenRefusal, TokenResponse, UnusableAnswer } from "#lib/oauth/token-endpoint.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import type { CallTable } from "#lib/providers/proxied-call.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import type { Environment, ProviderName } from "#lib/providers/vocabulary.ts";

/**
 * What a refused refresh means (RF-8). `transient`: try again later. `refused`: for good, the refresh
 * token is dead. `app`: the provider refuses the app, whoever comes with it. `person`: it keeps this
 * person out for now, and the token with them. Only `refused` retires a token.
 */
export type RefreshMeaning = {
  kind: "transient" | "refused" | "app" | "person";
  reason: ReasonCode;
};

/** Who signed in, and into which org or business unit, as the provider itself says. */
export type ProviderIdentity = {
  userId: string;
  username: string;
  email: string | null;
  displayName: string | null;
  /** Salesforce: 18 characters. */
  orgId: string | null;
  /** Marketing Cloud: MID of the token's business unit. */
  memberId: number | null;
  enterpriseId: number | null;
  /** Name of the org or business unit, where the token may read it. */
  orgName: string | null;
  /** What rows are grouped by, where the proof tells it. */
  group: { key: string; name: string } | null;
};

/** Hosts an access token is for, each checked against the allow-list and the tenant (OA-8). */
export type InstanceHosts = {
  instanceHost: string | null;
  restHost: string | null;
  soapHost: string | null;
};

/** Whom a token answer says it is for; null where the provider's answer does not say. */
export type IdentityClaim = { userId: string | null; orgId: string | null };

/** What a token answer is held against: noted when the flow began, not taken from the answer. */
export type ConnectionUnderProof = {
  environment: Environment;
  /** Host that answers for tokens and identity. */
  tokenHost: string;
  accountId: number | null;
};

export type Proof = { kind: "proven"; identity: ProviderIdentity } | ProofFailure;
export type ProofFailure = { kind: "failed"; reason: ReasonCode; providerCode: string | null };

/** One business unit as the tenant tells of it: ids are numbers, the name is plain text. */
export type BusinessUnit = {
  /** MID */
  accountId: number;
  /** At most 200 characters; empty where nothing printable was left. */
  name: string;
  /** MID of the unit above it; null at the top. */
  parentId: number | null;
  isActive: boolean;
};

export type BusinessUnitList =
  | {
      kind: "listed";
      units: BusinessUnit[];
      /** False where the tenant had more to tell than is taken. */
      isWhole: boolean;
    }
  | { kind: "refused"; reason: ReasonCode };

/** What a provider said to a request to end a token. */
export type RevocationAnswer = {
  /** `confirmed` also where the token was dead already; `refused`: asking again will not help. */
  outcome: "confirmed" | "refused" | "later";
  status: number;
  /** The provider's own id of this request, plain characters, where it gives one. */
  requestId: string | null;
  /** What it asks us to wait; 0 where it does not say. */
  retryAfterSeconds: number;
};

export type ProviderDeps = { egress: Egress; addresses: ProviderAddresses };

/**
 * One provider's dialect: everything that depends on its name. Rooms above speak to this and never
 * read a provider's words themselves.
 */
export type Provider = {
  readonly name: ProviderName;
  /** For people. */
  readonly label: string;
  readonly authorizePath: string;
  readonly tokenPath: string;
  readonly tokenEncoding: "form" | "json";
  /** Further parameters of the authorize address. */
  readonly authorizeExtra: Readonly<Record<string, string>>;
  /** Further fields of the token request. */
  tokenExtra(connection: ConnectionUnderProof): Record<string, string | number>;
  /** Reads the hosts out of a token answer; null when any is not the tenant's (OA-8). */
  instanceHosts(
    deps: ProviderDeps,
    connection: ConnectionUnderProof,
    tokens: TokenResponse,
  ): InstanceHosts | null;
  /** Whom the token answer itself names; null when it should and does not. */
  claimOf(tokens: TokenResponse): IdentityClaim | null;
  /** Asks the provider whose token this is, and where; must agree with the claim. */
  prove(
    deps: ProviderDeps,
    connection: ConnectionUnderProof,
    hosts: InstanceHosts,
    token: { accessToken: Secret; claim: IdentityClaim },
  ): Promise<Proof>;
  /** The units a tenant is made of, where the provider has such. */
  readonly businessUnits:
    | { offered: false }
    | {
        offered: true;
        /** What a token needs to see them. */
        scope: string;
        /** @throws {EgressError} no whole answer came */
        list(
          deps: ProviderDeps,
          connection: ConnectionUnderProof,
          hosts: InstanceHosts,
          accessToken: Secret,
        ): Promise<BusinessUnitList>;
      };
  /**
   * One harmless read of the API with a proven token: what stands between the connection and its use.
   *
   * @returns null when the API answered
   * @throws {EgressError}
   */
  probe(
    deps: ProviderDeps,
    connection: ConnectionUnderProof,
    hosts: InstanceHosts,
    token: { accessToken: Secret; scopes: readonly string[] },
  ): Promise<ReasonCode | null>;
  /** What each call of its API does (BRK-7). */
  readonly calls: CallTable;
  /** Scopes asked for but not granted. */
  missingScopes(asked: readonly string[], granted: readonly string[]): string[];
  authorizeErrorMeaning(error: string, description: string): ReasonCode;
  tokenErrorMeaning(refusal: TokenRefusal): ReasonCode;
  /** What a token endpoint means that turns a refresh down, in an OAuth answer or in another. */
  refreshMeaning(
    answer: TokenRefusal | Pick<UnusableAnswer, "kind" | "status" | "body">,
    connection: ConnectionUnderProof,
  ): RefreshMeaning;
  /** What a token endpoint means that answers in no OAuth shape. */
  unusableAnswerMeaning(
    answer: Pick<UnusableAnswer, "status" | "body">,
    connection: ConnectionUnderProof,
  ): ReasonCode;
  /** Seconds a token lives when the answer does not say (RF-9). */
  readonly defaultAccessTokenSeconds: number;
  /** Days after which an unused refresh token dies; null where that is the org's own choice. */
  readonly idleDays: number | null;
  /** Sign-ins of a user that an app keeps; one more drops the oldest. Null: any number. */
  readonly approvalsPerUser: number | null;
  readonly revocation:
    | { offered: false }
    | {
        offered: true;
        /** @throws {EgressError} no whole answer came; safe to repeat */
        revoke(
          deps: ProviderDeps,
          connection: Pick<ConnectionUnderProof, "environment" | "tokenHost">,
          token: Secret,
        ): Promise<RevocationAnswer>;
      };
};

import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import { normaliseEmail } from "#lib/auth/email.ts";
import type { OfferedWay } from "#lib/auth/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { SignInWaySettings } from "#lib/core/way-settings.ts";
import { type Egress, tokenEndpointLimits } from "#lib/egress/egress.ts";
import { issuerTarget } from "#lib/egress/target.ts";
import { exchangeCode, IssuerMismatchError } from "#lib/oauth/exchange-code.ts";
import { type PersonClaims, personClaimsSchema, verifyIdToken } from "#lib/oauth/id-token.ts";
import { type OpenidMetadata, parseOpenidMetadata } from "#lib/oauth/openid-metadata.ts";
import type { TokenResponse } from "#lib/oauth/token-endpoint.ts";

export type WayId = SignInWaySettings["id"];

/** Who an identity provider proved somebody to be. */
export type ProvenIdentity = {
  way: WayId;
  /** With `subject`: who it is, for good. Addresses and names change hands. */
  issuer: string;
  subject: string;
  /** In its one stored form, and only where the provider says that it was verified. */
  verifiedEmail: string | null;
  name: string | null;
};

/** What went wrong; `fault` is for the log. Nothing of the provider's own words. */
export type WayFailure = {
  kind: "failed";
  reason: "unreachable" | "misconfigured" | "refused" | "untrusted";
  fault: string;
};

export type Callback = {
  /** The callback's query; its `state` was matched to this browser's. */
  params: URLSearchParams;
  state: string;
  nonce: string;
  codeVerifier: Secret;
  redirectUri: string;
};

export type SignInWays = {
  /** In the order in which they are offered. */
  list(): readonly { id: WayId; name: string; issuer: string }[];
  /** Where people are sent. @returns the authorization endpoint */
  locate(
    way: WayId,
  ): Promise<{ kind: "found"; endpoint: string; clientId: string; issuer: string } | WayFailure>;
  /** Trades the code, once, and verifies who signed in. Never throws for what a provider does. */
  identify(
    way: WayId,
    callback: Callback,
  ): Promise<{ kind: "proven"; identity: ProvenIdentity } | WayFailure>;
};

const METADATA_LIFE_MS = 60 * 60_000;
const KEYS_LIFE_MS = 10 * 60_000;
/** A key that is not known yet may be a new one: asked for again, but not by every forged token. */
const KEYS_REST_MS = 30_000;

const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

type Held = {
  metadata?: { value: OpenidMetadata; untilMs: number };
  keys?: { value: JSONWebKeySet; atMs: number };
};

class WayError extends Error {
  readonly failure: WayFailure;
  constructor(reason: WayFailure["reason"], fault: string, cause?: unknown) {
    super(`sign-in way ${reason}: ${fault}`, { cause });
    this.failure = { kind: "failed", reason, fault };
  }
}

/**
 * The identity providers that the operator set, reached through the one outbound client (NET-1): a
 * provider's metadata are kept for an hour and its keys for ten minutes, in memory.
 */
export function createSignInWays(deps: {
  settings: readonly SignInWaySettings[];
  egress: Egress;
  clock: Clock;
}): SignInWays {
  const held = new Map<WayId, Held>();
  const settingsOf = (way: WayId): SignInWaySettings => {
    const found = deps.settings.find(({ id }) => id === way);
    if (!found) throw new WayError("misconfigured", "not_set");
    return found;
  };
  const heldOf = (way: WayId): Held => {
    const of = held.get(way) ?? {};
    held.set(way, of);
    return of;
  };

  async function metadataOf(way: SignInWaySettings): Promise<OpenidMetadata> {
    const of = heldOf(way.id);
    const nowMs = deps.clock.monotonicMs();
    if (of.metadata && nowMs < of.metadata.untilMs) return of.metadata.value;
    const address = new URL(`${way.issuer}/.well-known/openid-configuration`);
    const value = parseOpenidMetadata(await getJson(way, address), way.issuer);
    if (!value) throw new WayError("misconfigured", "metadata");
    of.metadata = { value, untilMs: nowMs + METADATA_LIFE_MS };
    return value;
  }

  async function keysOf(
    way: SignInWaySettings,
    metadata: OpenidMetadata,
    maxAgeMs: number,
  ): Promise<JSONWebKeySet> {
    const of = heldOf(way.id);
    const nowMs = deps.clock.monotonicMs();
    if (of.keys && nowMs - of.keys.atMs < maxAgeMs) return of.keys.value;
    const parsed = keysSchema.safeParse(await getJson(way, metadata.jwksUri));
    if (!parsed.success) throw new WayError("misconfigured", "keys");
    const value = { keys: parsed.data.keys } as JSONWebKeySet;
    of.keys = { value, atMs: nowMs };
    return value;
  }

  async function getJson(
    way: SignInWaySettings,
    address: URL,
    accessToken?: Secret,
  ): Promise<unknown> {
    const answer = await send(way, address, accessToken);
    if (answer.status !== 200) {
      const reason =
        answer.status >= 500 || answer.status === 429 ? "unreachable" : "misconfigured";
      throw new WayError(reason, `status_${answer.status}`);
    }
    try {
      return JSON.parse(answer.body.toString("utf8"));
    } catch (cause) {
      throw new WayError("misconfigured", "no_json", cause);
    }
  }

  async function send(way: SignInWaySettings, address: URL, accessToken?: Secret) {
    const target = targetOf(way, address);
    try {
      return await deps.egress.send({
        target,
        method: "GET",
        path: `${address.pathname}${address.search}`,
        headers: {
          accept: "application/json",
          ...(accessToken ? { authorization: `Bearer ${accessToken.reveal()}` } : {}),
        },
        limits: tokenEndpointLimits,
      });
    } catch (cause) {
      throw new WayError("unreachable", "network", cause);
    }
  }

  async function exchange(
    way: SignInWaySettings,
    metadata: OpenidMetadata,
    callback: Callback,
  ): Promise<TokenResponse> {
    const answer = await exchangeCode(deps, {
      target: targetOf(way, metadata.tokenEndpoint),
      path: `${metadata.tokenEndpoint.pathname}${metadata.tokenEndpoint.search}`,
      encoding: "form",
      clientId: way.clientId,
      clientSecret: way.clientSecret,
      clientAuth: metadata.clientAuth,
      params: callback.params,
      state: callback.state,
      issuer: metadata.issuer,
      namesItself: metadata.namesItself,
      redirectUri: callback.redirectUri,
      codeVerifier: callback.codeVerifier,
      extra: {},
    }).catch((cause: unknown) => {
      if (cause instanceof IssuerMismatchError) throw new WayError("untrusted", "iss_parameter");
      throw new WayError("unreachable", "network", cause);
    });
    if (answer.kind === "tokens") return answer.tokens;
    if (answer.kind === "unusable") throw new WayError("unreachable", `status_${answer.status}`);
    if (answer.kind === "malformed") throw new WayError("untrusted", "token_answer");
    const isClients = /^(invalid_client|unauthorized_client)$/.test(answer.error);
    throw new WayError(isClients ? "misconfigured" : "refused", "token_endpoint");
  }

  async function verified(
    way: SignInWaySettings,
    metadata: OpenidMetadata,
    tokens: TokenResponse,
    nonce: string,
  ): Promise<PersonClaims> {
    const { idToken } = tokens;
    if (!idToken) throw new WayError("untrusted", "no_id_token");
    const expected = {
      issuer: metadata.issuer,
      clientId: way.clientId,
      algorithms: metadata.algorithms,
      nonce,
      now: deps.clock.now(),
    };
    const judge = async (maxAgeMs: number) =>
      verifyIdToken(idToken, await keysOf(way, metadata, maxAgeMs), expected);
    let result = await judge(KEYS_LIFE_MS);
    if (result.kind === "invalid" && result.fault === "unknown_key") {
      result = await judge(KEYS_REST_MS);
    }
    if (result.kind === "invalid") throw new WayError("untrusted", result.fault);
    const { claims } = result;
    if (claims.email !== null && claims.email_verified) return claims;
    return { ...claims, ...(await userinfo(way, metadata, tokens.accessToken, claims.sub)) };
  }

  /** What the id token leaves out, where the provider tells it of the same person. */
  async function userinfo(
    way: SignInWaySettings,
    metadata: OpenidMetadata,
    accessToken: Secret,
    subject: string,
  ): Promise<Partial<PersonClaims>> {
    if (!metadata.userinfoEndpoint) return {};
    const answer = await getJson(way, metadata.userinfoEndpoint, accessToken);
    const claims = personClaimsSchema.safeParse(answer);
    // Another subject is an answer about somebody else (OpenID Connect Core §5.3.4).
    if (!claims.success || claims.data.sub !== subject) {
      throw new WayError("untrusted", "userinfo_subject");
    }
    return claims.data;
  }

  return {
    list: () => deps.settings.map(({ id, name, issuer }) => ({ id, name, issuer })),
    locate: (id) =>
      outcome(async () => {
        const way = settingsOf(id);
        const { authorizationEndpoint, issuer } = await metadataOf(way);
        const { clientId } = way;
        return { kind: "found", endpoint: authorizationEndpoint.href, clientId, issuer } as const;
      }),
    identify: (id, callback) =>
      outcome(async () => {
        const way = settingsOf(id);
        const metadata = await metadataOf(way);
        const tokens = await exchange(way, metadata, callback);
        const claims = await verified(way, metadata, tokens, callback.nonce);
        const identity: ProvenIdentity = {
          way: id,
          issuer: metadata.issuer,
          subject: claims.sub,
          verifiedEmail: claims.email_verified ? normaliseEmail(claims.email ?? "") : null,
          name: claims.name,
        };
        return { kind: "proven", identity } as const;
      }),
  };
}

/** The ways beside e-mail and password, for a page. */
export function offeredWays(deps: { signInWays: SignInWays }): OfferedWay[] {
  return deps.signInWays.list().map(({ id, name }) => ({ id, name }));
}

function targetOf(way: SignInWaySettings, address: URL) {
  try {
    return issuerTarget(address.origin, new URL(way.issuer).origin);
  } catch (cause) {
    throw new WayError("misconfigured", "address", cause);
  }
}

async function outcome<T>(work: () => Promise<T>): Promise<T | WayFailure> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WayError) return error.failure;
    throw error;
  }
}

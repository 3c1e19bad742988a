import { timingSafeEqual } from "node:crypto";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import type { Secret } from "#lib/core/secret.ts";

/** Signatures by a private key only: `none` and shared secrets can be made by others than the issuer. */
export const idTokenAlgorithms: readonly string[] = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** How far the issuer's clock may be from ours. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** We ask for a token and get it at once: an older one was made for somebody else's run. */
const MAX_AGE_SECONDS = 600;

const subject = z.string().regex(/^[\x21-\x7e]{1,255}$/);
/** What a provider says about a person, in an id token or at its userinfo endpoint. */
export const personClaimsSchema = z.object({
  sub: subject,
  // Claims of a wrong type count as not made: only `sub` decides who somebody is.
  email: z.string().max(320).nullable().catch(null).default(null),
  email_verified: z.boolean().catch(false).default(false),
  name: z.string().max(200).nullable().catch(null).default(null),
});
export type PersonClaims = z.infer<typeof personClaimsSchema>;

/** Why an id token proves nothing. For logs: to a person it is all the same. */
export type IdTokenFault =
  | "malformed"
  | "algorithm"
  | "unknown_key"
  | "signature"
  | "issuer"
  | "audience"
  | "expired"
  | "nonce";

export type IdTokenResult =
  | { kind: "valid"; claims: PersonClaims }
  | { kind: "invalid"; fault: IdTokenFault };

/**
 * Judges an id token by OpenID Connect Core §3.1.3.7, strictly: signed by one of the issuer's keys with
 * an algorithm of the list, for this client alone or first, fresh, and of this very run.
 *
 * @param expected.issuer - as the provider's metadata write it, compared letter by letter
 * @param expected.algorithms - those of `idTokenAlgorithms` that the provider says it uses
 */
export async function verifyIdToken(
  token: Secret,
  keys: JSONWebKeySet,
  expected: {
    issuer: string;
    clientId: string;
    nonce: string;
    algorithms: readonly string[];
    now: Date;
  },
): Promise<IdTokenResult> {
  let payload: JWTPayload;
  try {
    const verified = await jwtVerify(token.reveal(), createLocalJWKSet(keys), {
      issuer: expected.issuer,
      audience: expected.clientId,
      algorithms: expected.algorithms.filter((name) => idTokenAlgorithms.includes(name)),
      currentDate: expected.now,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: MAX_AGE_SECONDS,
      requiredClaims: ["iss", "sub", "aud", "exp", "iat", "nonce"],
    });
    // Access and logout tokens of the same issuer say so; they are no sign-in.
    const type = verified.protectedHeader.typ;
    if (type !== undefined && type.toUpperCase() !== "JWT") {
      return { kind: "invalid", fault: "malformed" };
    }
    payload = verified.payload;
  } catch (error) {
    return { kind: "invalid", fault: faultOf(error) };
  }
  // Where others are addressed too, or a party is named, it must have been issued to us.
  const isForOthersToo = Array.isArray(payload.aud) && payload.aud.length > 1;
  if ((isForOthersToo || payload.azp !== undefined) && payload.azp !== expected.clientId) {
    return { kind: "invalid", fault: "audience" };
  }
  if (!isSame(payload.nonce, expected.nonce)) return { kind: "invalid", fault: "nonce" };
  const claims = personClaimsSchema.safeParse(payload);
  return claims.success
    ? { kind: "valid", claims: claims.data }
    : { kind: "invalid", fault: "malformed" };
}

function isSame(given: unknown, expected: string): boolean {
  if (typeof given !== "string" || expected === "") return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

const faultOfClaim: Readonly<Record<string, IdTokenFault>> = {
  iss: "issuer",
  aud: "audience",
  exp: "expired",
  iat: "expired",
  nbf: "expired",
  nonce: "nonce",
};

function faultOf(error: unknown): IdTokenFault {
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return "algorithm";
  }
  if (error instanceof errors.JWKSNoMatchingKey) return "unknown_key";
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return faultOfClaim[error.claim] ?? "malformed";
  }
  return error instanceof errors.JWSSignatureVerificationFailed ? "signature" : "malformed";
}

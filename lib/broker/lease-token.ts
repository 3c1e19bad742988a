import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Secret } from "#lib/core/secret.ts";

/** Begins every lease token, so that a person, a log filter and a secret scanner know one. */
export const LEASE_TOKEN_PREFIX = "mml_";
const FORM = "meshmesh-studio/lease/1:";
// Each last character has bits that stand for nothing: one form of each, one spelling of a token.
const tokenForm = /^mml_([\w-]{21}[AQgw])_([\w-]{42}[AEIMQUYcgkosw048])$/;

/** The key that makes lease tokens: of the label `lease-tokens`, and of nothing else (VA-5). */
export function createLeaseTokenKey(key: Secret): KeyObject {
  const bytes = key.revealBytes();
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * What opens the proxy for one lease: `mml_{lease id}_{MAC}`, 70 characters. Nothing of it is stored; what
 * it may is in the lease's row.
 */
export function makeLeaseToken(key: KeyObject, leaseId: string): string {
  const handle = Buffer.from(leaseId.replaceAll("-", ""), "hex").toString("base64url");
  return `${LEASE_TOKEN_PREFIX}${handle}_${macOf(key, handle).toString("base64url")}`;
}

/** The id of the lease whose token this is; null for any other text, told in constant time. */
export function leaseIdOfToken(key: KeyObject, token: string): string | null {
  const [, handle, mac] = tokenForm.exec(token) ?? [];
  if (handle === undefined || mac === undefined) return null;
  if (!timingSafeEqual(macOf(key, handle), Buffer.from(mac, "base64url"))) return null;
  const hex = Buffer.from(handle, "base64url").toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const macOf = (key: KeyObject, handle: string): Buffer =>
  createHmac("sha256", key)
    .update(FORM + handle, "latin1")
    .digest();

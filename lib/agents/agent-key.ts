import { createHmac, type KeyObject } from "node:crypto";
import type { Random } from "#lib/core/ids.ts";
import { Secret } from "#lib/core/secret.ts";

/** Begins every agent key, so that a person, a log filter and a secret scanner know one. */
const AGENT_KEY_PREFIX = "mmk_";
const SECRET_BYTES = 32;
const ID_LENGTH = 22;
const HINT_LENGTH = 6;

/**
 * `mmk_{id}_{secret}`: base64url of 16 and 32 bytes with a dot for each hyphen, so that tools that look
 * for a Salesforce token's letters see all of it, and hide all of it in their own logs.
 */
const KEY_LENGTH = AGENT_KEY_PREFIX.length + ID_LENGTH + 1 + 43;
/** `{org id}!`, which tools that want a token in Salesforce's form put before it. */
const ORG_ID_PART_LENGTH = 19;

// Each last character has bits that stand for nothing: with all but one form refused, a key has one
// spelling.
const keyForm = /^mmk_([\w.]{21}[AQgw])_[\w.]{42}[AEIMQUYcgkosw048]$/;
const orgIdForm = /^[A-Za-z0-9]{18}!$/;

export type ParsedAgentKey = {
  /** The key's id as its text has it. */
  readonly handle: string;
  /** The whole key, in its one spelling. */
  readonly text: string;
};

/**
 * A new key: 256 random bits under the id of its row (BRK-1). Known this one time.
 *
 * @param keyId - a UUID
 */
export function makeAgentKey(random: Random, keyId: string): Secret {
  return new Secret(`${AGENT_KEY_PREFIX}${handleOf(keyId)}_${dotted(random.token(SECRET_BYTES))}`);
}

/**
 * What a credential says it is; whether it is true is `authenticateAgent`'s to say. A text that cannot be
 * a key costs the look at its length.
 *
 * @param credential - a key, also behind `{18-character org id}!`
 */
export function parseAgentKey(credential: string): ParsedAgentKey | null {
  let text = credential;
  if (text.length === KEY_LENGTH + ORG_ID_PART_LENGTH) {
    if (!orgIdForm.test(text.slice(0, ORG_ID_PART_LENGTH))) return null;
    text = text.slice(ORG_ID_PART_LENGTH);
  }
  if (text.length !== KEY_LENGTH) return null;
  const handle = keyForm.exec(text)?.[1];
  return handle === undefined ? null : { handle, text };
}

/**
 * What is stored of a key: HMAC-SHA-256 of its text under a key of its own (VA-5), so that a stolen
 * database proves nothing, and a row's hash is of that row's id.
 */
export function hashAgentKey(hashingKey: KeyObject, text: string): Buffer {
  return createHmac("sha256", hashingKey).update(text, "latin1").digest();
}

/** How a key is told from others where it must not be shown: its beginning, which is no secret. */
export const hintOf = (keyId: string): string =>
  `${AGENT_KEY_PREFIX}${handleOf(keyId).slice(0, HINT_LENGTH)}`;

/** An id for a key: one by whose first letters a person tells it from others. */
export function newKeyId(random: Random): string {
  for (;;) {
    const id = random.uuid();
    if (/^[A-Za-z0-9]{6}/.test(handleOf(id))) return id;
  }
}

/** A UUID as 22 characters. */
export const handleOf = (keyId: string): string =>
  dotted(Buffer.from(keyId.replaceAll("-", ""), "hex").toString("base64url"));

const dotted = (base64url: string) => base64url.replaceAll("-", ".");

/** The UUID again. */
export function keyIdOf(handle: string): string {
  const hex = Buffer.from(handle.replaceAll(".", "-"), "base64url").toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

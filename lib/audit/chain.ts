import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { Secret } from "#lib/core/secret.ts";

/** Stands for "no team": the instance's own chain. */
export const instanceChain = "00000000-0000-0000-0000-000000000000";

/** Bound into every hash, so that a later form of it is never taken for this one. */
const FORM = "meshmesh-studio/audit/1";
const KEY_ID_LENGTH = 16;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** An event without its place in the chain. */
export type EventContent = {
  readonly id: string;
  readonly teamId: string | null;
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly sessionId: string | null;
  readonly action: string;
  readonly targetKind: string | null;
  readonly targetId: string | null;
  readonly connectionId: string | null;
  readonly onBehalfOf: string | null;
  readonly result: string;
  readonly detail: { readonly [name: string]: unknown };
  readonly requestId: string | null;
};

/** An event in its place. */
export type ChainedEvent = EventContent & {
  /** From 1, without a gap in its chain. */
  readonly sequence: bigint;
  readonly keyId: string;
  readonly previousHash: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
};

/** The last event of a chain. */
export type ChainHead = { readonly sequence: bigint; readonly hash: Uint8Array<ArrayBuffer> };

/** The audit chain's own key (VA-5): seals events and anchors. */
export type ChainKey = {
  /** Fingerprint of the key; tells nothing of it. */
  readonly id: string;
  /** HMAC-SHA-256 over the canonical JSON of `parts`; `use` keeps uses apart. */
  seal(use: "event" | "genesis" | "anchor", parts: readonly unknown[]): Uint8Array<ArrayBuffer>;
};

/** Makes the key that seals, from the derived key of the label `audit-chain`. */
export function createChainKey(key: Secret): ChainKey {
  const bytes = key.revealBytes();
  const keyObject = createSecretKey(bytes);
  bytes.fill(0);
  const mac = (text: string): Uint8Array<ArrayBuffer> =>
    createHmac("sha256", keyObject).update(text, "utf8").digest();
  return {
    id: toHex(mac(canonicalJson([FORM, "key-id"]))).slice(0, KEY_ID_LENGTH),
    seal: (use, parts) => mac(canonicalJson([FORM, use, ...parts])),
  };
}

/** What the first event of a chain holds as the hash before it. */
export const genesisHash = (key: ChainKey, chainId: string) => key.seal("genesis", [chainId]);

/** The hash of an event over all its fields, its place and the hash before it. */
export function hashOfEvent(key: ChainKey, event: Omit<ChainedEvent, "hash" | "keyId">) {
  return key.seal("event", [
    event.teamId ?? instanceChain,
    event.sequence.toString(),
    event.id,
    event.at.toISOString(),
    event.actorKind,
    event.actorId,
    event.sessionId,
    event.action,
    event.targetKind,
    event.targetId,
    event.connectionId,
    event.onBehalfOf,
    event.result,
    event.detail,
    event.requestId,
    toHex(event.previousHash),
  ]);
}

/** Puts events behind `head`, in their order. */
export function chainEvents(
  key: ChainKey,
  head: ChainHead,
  contents: readonly EventContent[],
): ChainedEvent[] {
  let { sequence, hash: previousHash } = head;
  return contents.map((content) => {
    sequence += 1n;
    const placed = { ...content, sequence, previousHash };
    const hash = hashOfEvent(key, placed);
    previousHash = hash;
    return { ...placed, keyId: key.id, hash };
  });
}

/** One text for equal values: names sorted, no spaces. What JSON cannot hold is refused. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value))
    throw new TypeError("not a JSON number");
  const text = JSON.stringify(value as Json);
  if (text === undefined) throw new TypeError(`a ${typeof value} is not JSON`);
  return text;
}

export const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

export const isSameHash = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && timingSafeEqual(a, b);

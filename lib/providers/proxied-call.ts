/**
 * What a call does, whatever its HTTP verb says (BRK-7): `read` changes nothing, `write` changes data,
 * `code` runs or plants what runs and so may do anything, `unknown` is in no table, `credentials` makes
 * or ends a session, a password or a secret.
 */
export type CallClass = "read" | "write" | "code" | "unknown" | "credentials";

/** What is known of a call before its body is read. */
export type CallHead = {
  /** Upper case. */
  method: string;
  /** Normalised (BRK-4): what is matched here is what is sent. Begins with `/`. */
  path: string;
  /** As it came, without the `?`; screened by the same normalisation. */
  query: string;
  contentType: string | null;
  soapAction: string | null;
  /** Which of the tenant's hosts it is for. */
  door: "rest" | "soap";
};

export type ProxiedCall = CallHead & {
  /** `null` where there is none, or where `needsBody` did not ask for it. */
  body: Uint8Array | null;
};

export type ClassedCall = {
  class: CallClass;
  /** Stable name for policy, audit and metrics, e.g. `sobjects.update`; never holds what the call holds. */
  operation: string;
  /** It takes something away, or a part of it does: for whoever is asked to approve it (PLN-9). */
  removes?: true;
};

/** One provider's operations. What is in no line of it is `unknown`. */
export type CallTable = {
  /** True where only the body tells the class; it must then be handed in whole. */
  needsBody(head: CallHead): boolean;
  /** Never throws: whatever cannot be read is `unknown`. */
  classify(call: ProxiedCall): ClassedCall;
};

const severity: Readonly<Record<CallClass, number>> = {
  read: 0,
  write: 1,
  code: 2,
  unknown: 3,
  credentials: 4,
};

/** A call of several parts counts as its worst one, and removes what any of them does; of none, it is unknown. */
export function worstOf(parts: readonly ClassedCall[], operation?: string): ClassedCall {
  let worst: ClassedCall | null = null;
  for (const part of parts) {
    if (!worst || severity[part.class] > severity[worst.class]) worst = part;
  }
  if (!worst) return { class: "unknown", operation: operation ?? "unknown" };
  const called = { class: worst.class, operation: operation ?? worst.operation };
  return parts.some(({ removes }) => removes) ? removing(called) : called;
}

export const removing = (call: ClassedCall): ClassedCall => ({ ...call, removes: true });

export const unknownCall: ClassedCall = { class: "unknown", operation: "unknown" };

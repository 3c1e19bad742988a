import { hkdfSync } from "node:crypto";
import { Secret } from "#lib/core/secret.ts";
import { keyBytes } from "#lib/vault/sealed-format.ts";

const labels = {
  sessions: "sessions",
  auditChain: "audit-chain",
  agentKeyHashing: "agent-key-hashing",
  planSigning: "plan-signing",
  requestState: "request-state",
  recoveryCodes: "recovery-codes",
  leaseTokens: "lease-tokens",
  sharedStore: "shared-store",
  sharedNames: "shared-names",
} as const;

export type DerivedKeys = Readonly<Record<keyof typeof labels, Secret>>;

/**
 * One 32-byte key per use from `SESSION_SECRET` (VA-5): HKDF-SHA-256 with a label each, so that
 * knowing one opens no other. The vault's keys do not come from here.
 *
 * @see RFC 5869
 */
export function deriveKeys(root: Secret): DerivedKeys {
  const rootBytes = root.revealBytes();
  const derive = (label: string) => {
    const info = `meshmesh-studio/v1/${label}`;
    const bytes = new Uint8Array(hkdfSync("sha256", rootBytes, "meshmesh-studio", info, keyBytes));
    const key = new Secret(bytes);
    bytes.fill(0);
    return key;
  };
  try {
    return Object.freeze({
      sessions: derive(labels.sessions),
      auditChain: derive(labels.auditChain),
      agentKeyHashing: derive(labels.agentKeyHashing),
      planSigning: derive(labels.planSigning),
      requestState: derive(labels.requestState),
      recoveryCodes: derive(labels.recoveryCodes),
      leaseTokens: derive(labels.leaseTokens),
      sharedStore: derive(labels.sharedStore),
      sharedNames: derive(labels.sharedNames),
    });
  } finally {
    rootBytes.fill(0);
  }
}

import type { LinkState } from "#components/ui/link-glyph.tsx";
import type { GrantJson } from "#lib/connections/schema.ts";
import type { BusinessUnitJson } from "#lib/grants/schema.ts";

export type Standing = {
  glyph: LinkState;
  words: string;
  detail: string | null;
  tone: "quiet" | "good" | "warn";
  /** Whether a sign-in for it can be begun. */
  canConnect: boolean;
  /** A sign-in was tried and did not connect. */
  didFail: boolean;
};

const failures: Readonly<Record<string, readonly [words: string, detail: string]>> = {
  wrong_business_unit: [
    "Another unit answered",
    "Switch to this unit in Marketing Cloud, then retry",
  ],
  business_unit_denied: ["No access", "This user may not enter the unit"],
  user_not_licensed: ["No licence", "License the user for the package in this unit"],
  cancelled: ["Stopped", "The sign-in was cancelled"],
  flow_expired: ["Ran out of time", "The sign-in was not finished"],
};

/** How a unit stands with me, in words. */
export function standingOf(unit: BusinessUnitJson): Standing {
  const { connection, isActive } = unit;
  const base = { detail: null, canConnect: true, didFail: false } as const;
  if (connection?.state === "connected") {
    return {
      ...base,
      glyph: "connected",
      words: "Connected",
      detail: connection.username && `as ${connection.username}`,
      tone: "good",
      canConnect: false,
    };
  }
  if (!isActive) {
    return {
      ...base,
      glyph: "not_connected",
      words: "Inactive",
      detail: "Switched off in the tenant",
      tone: "quiet",
      canConnect: false,
    };
  }
  const attempt = connection?.lastAttempt ?? null;
  if (attempt?.state === "waiting" || attempt?.state === "needs_confirmation") {
    const words = attempt.state === "waiting" ? "Sign-in begun" : "Waits for your word";
    return { ...base, glyph: "waiting", words, tone: "quiet" };
  }
  if (attempt !== null) {
    const reason = attempt.reason ?? attempt.state;
    const [words, detail] = failures[reason] ?? ["Refused", reason];
    return { ...base, glyph: "needs_reconnect", words, detail, tone: "warn", didFail: true };
  }
  if (connection?.state === "needs_reconnect") {
    return { ...base, glyph: "needs_reconnect", words: "Needs reconnect", tone: "warn" };
  }
  return {
    ...base,
    glyph: "not_connected",
    words: "Not connected",
    detail: connection === null ? null : "The team has this connection",
    tone: "quiet",
  };
}

/** Said before asking the tenant; null where a list can be had. */
export function whyNoUnits(grant: GrantJson | null): string | null {
  if (grant === null || grant.state !== "active") return "Connect it to see the tenant's units.";
  const { memberId, enterpriseId } = grant.identity;
  if (memberId !== enterpriseId) {
    return "This sign-in is in a child business unit, which sees only itself. The parent unit sees all.";
  }
  return grant.scopes.includes("accounts_read")
    ? null
    : "The package does not give accounts_read, without which units cannot be listed.";
}

export const countOfUnits = (count: number) =>
  `${count.toLocaleString("en-US")} business ${count === 1 ? "unit" : "units"}`;

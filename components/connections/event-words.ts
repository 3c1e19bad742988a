import type { ConnectionEventJson } from "#lib/audit/schema.ts";

export type EventLine = {
  title: string;
  tone: "plain" | "good" | "warn" | "quiet";
};

const lines: Readonly<Record<string, EventLine>> = {
  "connection.created": { title: "Connection made", tone: "quiet" },
  "connection.renamed": { title: "Renamed", tone: "plain" },
  "connection.edited": { title: "Set-up changed", tone: "plain" },
  "connection.deleted": { title: "Connection deleted", tone: "warn" },
  "connection.draft_checked": { title: "Details checked before connecting", tone: "quiet" },
  "connection.checked": { title: "Checked", tone: "plain" },
  "flow.begun": { title: "Sign-in begun", tone: "quiet" },
  "flow.claimed": { title: "Back from the provider", tone: "quiet" },
  "flow.cancelled": { title: "Sign-in cancelled", tone: "quiet" },
  "flow.expired": { title: "A question was not answered in time", tone: "quiet" },
  "flow.failed": { title: "Sign-in failed", tone: "warn" },
  "flow.awaits_confirmation": { title: "Another identity came back", tone: "warn" },
  "grant.connected": { title: "Connected", tone: "good" },
  "grant.reconnected": { title: "Reconnected", tone: "good" },
  "grant.tested": { title: "Test call answered", tone: "plain" },
  "grant.disconnected": { title: "Disconnected", tone: "plain" },
  "grant.voided": { title: "Ended by a changed set-up", tone: "warn" },
  "grant.revocation_attempted": { title: "Asked the provider to end the token", tone: "plain" },
  "secret.opened": { title: "Token opened for a call", tone: "quiet" },
};

/** An event of the audit trail as a timeline says it; an action of tomorrow shows its own name. */
export function eventLine(event: Pick<ConnectionEventJson, "action" | "result">): EventLine {
  const line = lines[event.action] ?? { title: event.action, tone: "plain" as const };
  // "intent": the outcome comes as an event of its own.
  if (["success", "intent"].includes(event.result) || line.tone === "warn") return line;
  const title = event.action === "grant.tested" ? "Test call refused" : `${line.title}, not done`;
  return { title, tone: "warn" };
}

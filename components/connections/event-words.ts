import type { AuditAction } from "#lib/audit/actions.ts";
import type { ConnectionEventJson, TimelineEntryJson } from "#lib/audit/schema.ts";

/** What events are grouped by in a filter. */
export const eventAreas = {
  access: "Sign-in and sessions",
  people: "People and team",
  connections: "Connections",
  grants: "Grants and tokens",
  leases: "Leases and calls",
  agents: "Agents and keys",
  plans: "Plans",
  trail: "The trail itself",
} as const;
export type EventArea = keyof typeof eventAreas;

export type EventLine = {
  title: string;
  tone: "plain" | "good" | "warn" | "quiet";
};

/** The words of every action: one without them does not compile. */
const lines: Readonly<Record<AuditAction, EventLine & { area: EventArea }>> = {
  "team.created": { title: "Team made", tone: "plain", area: "people" },
  "team.domain_added": { title: "Mail domain allowed", tone: "plain", area: "people" },
  "team.domain_removed": { title: "Mail domain no longer allowed", tone: "plain", area: "people" },
  "team.renamed": { title: "Team renamed", tone: "plain", area: "people" },
  "team.switched": { title: "Switched to this team", tone: "quiet", area: "people" },
  "team.member_joined": { title: "Member joined", tone: "good", area: "people" },
  "team.member_removed": { title: "Member removed", tone: "warn", area: "people" },
  "team.member_left": { title: "Member left", tone: "plain", area: "people" },
  "team.role_changed": { title: "Role changed", tone: "plain", area: "people" },
  "team.invitation_created": { title: "Invitation made", tone: "plain", area: "people" },
  "team.invitation_renewed": { title: "Invitation renewed", tone: "plain", area: "people" },
  "team.invitation_revoked": { title: "Invitation withdrawn", tone: "plain", area: "people" },
  "team.invitation_accepted": { title: "Invitation accepted", tone: "good", area: "people" },
  "user.created": { title: "Account made", tone: "plain", area: "people" },
  "user.signed_in": { title: "Signed in", tone: "plain", area: "access" },
  "user.sign_in_refused": { title: "Sign-in refused", tone: "warn", area: "access" },
  "user.password_changed": { title: "Password changed", tone: "plain", area: "access" },
  "user.second_step_passed": { title: "Second step passed", tone: "quiet", area: "access" },
  "user.second_step_refused": { title: "Second step refused", tone: "warn", area: "access" },
  "user.confirmed": { title: "Confirmed it is them", tone: "quiet", area: "access" },
  "user.identity_linked": { title: "Sign-in linked", tone: "plain", area: "access" },
  "user.identity_unlinked": { title: "Sign-in unlinked", tone: "plain", area: "access" },
  "user.erased": { title: "Person erased", tone: "warn", area: "people" },
  "second_factor.added": { title: "Second factor added", tone: "plain", area: "access" },
  "second_factor.removed": { title: "Second factor removed", tone: "warn", area: "access" },
  "second_factor.reset": { title: "Second factors reset", tone: "warn", area: "access" },
  "recovery_codes.made": { title: "Recovery codes made", tone: "plain", area: "access" },
  "session.ended": { title: "Session ended", tone: "quiet", area: "access" },
  "connection.created": { title: "Connection made", tone: "quiet", area: "connections" },
  "connection.renamed": { title: "Renamed", tone: "plain", area: "connections" },
  "connection.edited": { title: "Set-up changed", tone: "plain", area: "connections" },
  "connection.deleted": { title: "Connection deleted", tone: "warn", area: "connections" },
  "connection.draft_checked": {
    title: "Details checked before connecting",
    tone: "quiet",
    area: "connections",
  },
  "connection.checked": { title: "Checked", tone: "plain", area: "connections" },
  "flow.begun": { title: "Sign-in begun", tone: "quiet", area: "grants" },
  "flow.claimed": { title: "Back from the provider", tone: "quiet", area: "grants" },
  "flow.cancelled": { title: "Sign-in cancelled", tone: "quiet", area: "grants" },
  "flow.expired": { title: "A question was not answered in time", tone: "quiet", area: "grants" },
  "flow.failed": { title: "Sign-in failed", tone: "warn", area: "grants" },
  "flow.awaits_confirmation": {
    title: "Another identity came back",
    tone: "warn",
    area: "grants",
  },
  "grant.connected": { title: "Connected", tone: "good", area: "grants" },
  "grant.reconnected": { title: "Reconnected", tone: "good", area: "grants" },
  "grant.tested": { title: "Test call answered", tone: "plain", area: "grants" },
  "plan.proposed": { title: "Plan proposed", tone: "plain", area: "plans" },
  "plan.edited": { title: "Plan changed to a new version", tone: "plain", area: "plans" },
  "plan.approved": { title: "Plan approved", tone: "good", area: "plans" },
  "plan.rejected": { title: "Plan rejected", tone: "warn", area: "plans" },
  "plan.cancelled": { title: "Plan cancelled", tone: "plain", area: "plans" },
  "plan.expired": { title: "Plan expired", tone: "quiet", area: "plans" },
  "plan.exported": { title: "Plan exported", tone: "plain", area: "plans" },
  "plan.contents_removed": { title: "Plan's contents removed", tone: "quiet", area: "plans" },
  "team.four_eyes_changed": {
    title: "Rules for a second approval changed",
    tone: "warn",
    area: "people",
  },
  "proxy.write": { title: "Agent wrote through the proxy", tone: "plain", area: "leases" },
  "proxy.answer_stopped": { title: "Answer with a token stopped", tone: "warn", area: "leases" },
  "plan.apply_begun": { title: "Plan being applied", tone: "plain", area: "plans" },
  "plan.step_begun": { title: "Plan's step begun", tone: "quiet", area: "plans" },
  "plan.step_ended": { title: "Plan's step done", tone: "plain", area: "plans" },
  "plan.step_resolved": { title: "Plan's step settled by hand", tone: "warn", area: "plans" },
  "plan.applied": { title: "Plan applied", tone: "good", area: "plans" },
  "plan.stopped": { title: "Plan stopped", tone: "warn", area: "plans" },
  "grant.disconnected": { title: "Disconnected", tone: "plain", area: "grants" },
  "grant.voided": { title: "Ended by a changed set-up", tone: "warn", area: "grants" },
  "grant.refresh_begun": { title: "Refresh begun", tone: "quiet", area: "grants" },
  "grant.refreshed": { title: "Token refreshed", tone: "quiet", area: "grants" },
  "grant.refresh_failed": { title: "Refresh failed", tone: "warn", area: "grants" },
  "grant.revocation_attempted": {
    title: "Asked the provider to end the token",
    tone: "plain",
    area: "grants",
  },
  "agent.created": { title: "Agent made", tone: "plain", area: "agents" },
  "agent.edited": { title: "Agent changed", tone: "plain", area: "agents" },
  "agent.disabled": { title: "Agent disabled", tone: "warn", area: "agents" },
  "agent.enabled": { title: "Agent enabled", tone: "plain", area: "agents" },
  "agent.deleted": { title: "Agent deleted", tone: "warn", area: "agents" },
  "agent.writes_allowed": {
    title: "Agent may write without a plan",
    tone: "warn",
    area: "agents",
  },
  "agent.writes_ended": { title: "Agent writes need a plan again", tone: "plain", area: "agents" },
  "agent.paused": { title: "Agent paused: unusual use", tone: "warn", area: "agents" },
  "agent.resumed": { title: "Agent may go on", tone: "plain", area: "agents" },
  "agent.new_network": {
    title: "Agent key used from a new network",
    tone: "warn",
    area: "agents",
  },
  "agent.networks_known": {
    title: "New networks of an agent known",
    tone: "plain",
    area: "agents",
  },
  "agent_key.made": { title: "Agent key made", tone: "plain", area: "agents" },
  "agent_key.revoked": { title: "Agent key revoked", tone: "warn", area: "agents" },
  "agent_key.ended_unused": { title: "Unused agent key ended", tone: "plain", area: "agents" },
  "standing_approval.made": {
    title: "Standing approval given",
    tone: "warn",
    area: "agents",
  },
  "standing_approval.used": {
    title: "Plan approved beforehand",
    tone: "plain",
    area: "agents",
  },
  "standing_approval.revoked": {
    title: "Standing approval taken back",
    tone: "plain",
    area: "agents",
  },
  "connection_request.raised": {
    title: "Agent asked for a connection",
    tone: "plain",
    area: "agents",
  },
  "connection_request.answered": {
    title: "Agent given the connection it asked for",
    tone: "good",
    area: "agents",
  },
  "connection_request.declined": {
    title: "Agent's request declined",
    tone: "plain",
    area: "agents",
  },
  "connection_request.expired": {
    title: "Agent's request ran out",
    tone: "quiet",
    area: "agents",
  },
  "secret.opened": { title: "Token opened for a call", tone: "quiet", area: "grants" },
  "grant.raw_leases_allowed": {
    title: "Handing out the access token allowed",
    tone: "warn",
    area: "grants",
  },
  "grant.raw_leases_stopped": {
    title: "Access token stays inside again",
    tone: "plain",
    area: "grants",
  },
  "lease.issued": { title: "Lease issued", tone: "quiet", area: "leases" },
  "lease.ended": { title: "Lease ended early", tone: "plain", area: "leases" },
  "audit.exported": { title: "Activity exported", tone: "plain", area: "trail" },
  "user.disabled": { title: "Account shut out by the operator", tone: "warn", area: "people" },
  "user.enabled": { title: "Account let in again by the operator", tone: "good", area: "people" },
  "studio.killed": { title: "Emergency stop by the operator", tone: "warn", area: "trail" },
  "studio.touched_listed": {
    title: "Operator listed what was touched",
    tone: "plain",
    area: "trail",
  },
  "vault.key_added": { title: "Vault key renewed", tone: "plain", area: "trail" },
  "vault.key_retired": { title: "Old vault key retired", tone: "plain", area: "trail" },
  "vault.rewrapped": { title: "Stored tokens moved to the new key", tone: "plain", area: "trail" },
};

/** Every action of an area, for a filter. */
export const actionsOf = (area: EventArea): AuditAction[] =>
  (Object.keys(lines) as AuditAction[]).filter((action) => lines[action].area === area);

/** Several alike, as a timeline counts them; others are named once, with their number. */
const manyLines: Readonly<Partial<Record<AuditAction, string>>> = {
  "lease.issued": "leases issued",
  "lease.ended": "leases given back",
  "grant.refreshed": "refreshes",
  "grant.refresh_failed": "refreshes failed",
  "proxy.write": "writes by agents",
  "plan.step_ended": "steps of plans done",
};

/** A line of a connection's timeline. */
export function timelineLine(entry: TimelineEntryJson): EventLine {
  const line = eventLine(entry);
  if (entry.count === 1 && !entry.isAtLeast) return line;
  const count = `${entry.count}${entry.isAtLeast ? " or more" : ""}`;
  const many = manyLines[entry.action as AuditAction];
  return { ...line, title: many ? `${count} ${many}` : `${line.title}, ${count} times` };
}

/** An event of the audit trail as a timeline says it; an action of tomorrow shows its own name. */
export function eventLine(event: Pick<ConnectionEventJson, "action" | "result">): EventLine {
  const line = (lines as Readonly<Record<string, EventLine>>)[event.action] ?? {
    title: event.action,
    tone: "plain" as const,
  };
  // "intent": the outcome comes as an event of its own.
  if (["success", "intent"].includes(event.result) || line.tone === "warn") return line;
  const title = event.action === "grant.tested" ? "Test call refused" : `${line.title}, not done`;
  return { title, tone: "warn" };
}

/** Everything that leaves a trace. A name says room and what happened, in the past tense. */
export const auditActions = [
  "team.created",
  "user.created",
  "user.signed_in",
  "user.sign_in_refused",
  "user.password_changed",
  "session.ended",
  "connection.created",
  "connection.renamed",
  "connection.deleted",
  "flow.begun",
  "flow.claimed",
  "flow.cancelled",
  "flow.failed",
  "flow.awaits_confirmation",
  "grant.connected",
  "grant.reconnected",
  "grant.tested",
  "grant.disconnected",
  "grant.revocation_attempted",
  "secret.opened",
] as const;
export type AuditAction = (typeof auditActions)[number];

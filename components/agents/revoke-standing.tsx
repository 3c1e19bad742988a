"use client";

import { ConfirmEnd } from "#components/agents/confirm-end.tsx";
import { revokeStanding } from "#components/agents/standing-queries.ts";
import type { StandingJson } from "#lib/plans/schema.ts";

export function RevokeStanding({
  agentId,
  standing: { id, operation, connection },
}: {
  agentId: string;
  standing: StandingJson;
}) {
  return (
    <ConfirmEnd
      label="Revoke"
      labelFor={`${operation.title} on ${connection.name}`}
      size="sm"
      tone="plain"
      title={`Revoke “${operation.title}” on ${connection.name}`}
      lines={[
        "From now on such a plan waits for approval.",
        "Plans that it approved and that have not begun wait again too.",
        "What is being applied goes on.",
      ]}
      confirmLabel="Revoke the approval"
      cancelLabel="Keep it"
      busyLabel="Revoking"
      done="Revoked: such plans wait for approval"
      work={() => revokeStanding(agentId, id)}
    />
  );
}

"use client";

import { ConfirmEnd } from "#components/agents/confirm-end.tsx";
import { callApi } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { LeaseJson } from "#lib/broker/schema.ts";

/** What the agent has borrowed just now, each to be ended before its time. */
export function LeaseList({
  leases,
  connectionNames,
}: {
  leases: readonly LeaseJson[];
  /** By id. */
  connectionNames: Readonly<Record<string, string>>;
}) {
  return (
    <ul className="divide-y divide-line border-line border-t">
      {leases.map((lease) => {
        const name = connectionNames[lease.connectionId] ?? "a connection it had";
        return (
          <li key={lease.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2">
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex flex-wrap items-center gap-2 font-label">
                <span className="[overflow-wrap:anywhere]">{name}</span>
                {lease.isRaw && <Badge tone="warn">Has the token itself</Badge>}
              </p>
              <p className="text-ink-3 text-xs">
                since <RelativeTime isPast at={lease.issuedAt} />, ends{" "}
                <RelativeTime at={lease.expiresAt} />
              </p>
            </div>
            <ConfirmEnd
              label="End"
              labelFor={`the lease on ${name}`}
              size="sm"
              title={`End the lease on ${name}`}
              lines={[
                "Its calls there are refused within a second.",
                lease.isRaw
                  ? "It was given the access token itself, which works at the provider until it runs out."
                  : "Its key stays: it can ask for another.",
              ]}
              confirmLabel="End the lease"
              cancelLabel="Let it go on"
              busyLabel="Ending"
              done={`The lease on ${name} has ended`}
              work={() => callApi(`/api/leases/${lease.id}`, null, { method: "DELETE" })}
            />
          </li>
        );
      })}
    </ul>
  );
}

"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { ConfirmEnd } from "#components/agents/confirm-end.tsx";
import { endLease, leasesOptions } from "#components/connections/detail-queries.ts";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { Section } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { LeaseJson } from "#lib/broker/schema.ts";

const head = "h-row-head pr-4 text-left font-text text-2xs text-ink-3";
const cell = "py-2 pr-4 align-middle max-md:p-0";

/** What agents have borrowed here just now, each to be ended before its time. */
export function ActiveLeases({ connectionId }: { connectionId: string }) {
  const { data } = useQuery(leasesOptions(connectionId));
  if (data === undefined) return null;
  const { items, nextCursor } = data;
  return (
    <Section
      title="Active leases"
      aside={
        items.length > 0 && `${items.length}${nextCursor === null ? "" : " or more"} under way`
      }
    >
      {items.length === 0 ? (
        <p className="text-ink-3">No agent has borrowed it at this moment.</p>
      ) : (
        <table aria-label="Active leases" className="w-full border-line border-t max-md:block">
          <thead className="max-md:sr-only">
            <tr className="border-line border-b">
              {["Agent", "Person", "Since", "Ends", "Kind"].map((name) => (
                <th key={name} scope="col" className={head}>
                  {name}
                </th>
              ))}
              <th scope="col" className={cn(head, "pr-0")}>
                <span className="sr-only">End</span>
              </th>
            </tr>
          </thead>
          <tbody className="max-md:block">
            {items.map((lease) => (
              <LeaseRow key={lease.id} lease={lease} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function LeaseRow({ lease }: { lease: LeaseJson }) {
  const queries = useQueryClient();
  const name = lease.agent.name ?? "a deleted agent";
  return (
    <tr className="border-line border-b last:border-0 max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-2 max-md:gap-y-1 max-md:py-2.5">
      <th
        scope="row"
        className={cn(
          cell,
          "text-left font-label [overflow-wrap:anywhere] max-md:w-[calc(100%-4.5rem)]",
        )}
      >
        {lease.agent.name === null ? (
          "A deleted agent"
        ) : (
          <Link href={`/agents/${lease.agent.id}` as Route} className="hover:underline">
            {lease.agent.name}
          </Link>
        )}
      </th>
      <td className={cn(cell, "text-ink-2 max-md:order-3 max-md:text-xs")}>
        {lease.isMine ? "You" : (lease.owner.name ?? "Somebody who left")}
      </td>
      <td className={cn(cell, "text-ink-3 text-xs max-md:order-4")}>
        <span className="md:sr-only">since </span>
        <RelativeTime at={lease.issuedAt} />
      </td>
      <td className={cn(cell, "text-ink-3 text-xs max-md:order-5")}>
        <span className="md:sr-only">ends </span>
        <RelativeTime at={lease.expiresAt} />
      </td>
      <td className={cn(cell, "max-md:order-6 max-md:ml-auto")}>
        {lease.isRaw ? <Badge tone="warn">Token itself</Badge> : <Badge>Proxy</Badge>}
      </td>
      <td className={cn(cell, "pr-0 text-right max-md:order-2 max-md:ml-auto")}>
        <ConfirmEnd
          label="End"
          labelFor={`the lease of ${name}`}
          size="sm"
          tone="plain"
          title={`End the lease of ${name}`}
          lines={
            lease.isRaw
              ? [
                  "Its calls through the studio are refused within a second.",
                  "It was given the access token itself, which works at the provider until it runs out. Disconnect to end that too.",
                ]
              : [
                  "Its calls here are refused within a second.",
                  "Its key stays: it can ask for another lease. Disable the agent to end that too.",
                ]
          }
          confirmLabel="End the lease"
          cancelLabel="Let it go on"
          busyLabel="Ending"
          done={`The lease of ${name} has ended`}
          work={async () => {
            await endLease(lease.id);
            await queries.invalidateQueries({
              queryKey: leasesOptions(lease.connectionId).queryKey,
            });
          }}
        />
      </td>
    </tr>
  );
}

"use client";

import { X } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import * as Radix from "radix-ui/dialog";
import { actorName, detailName, detailText, shortHash } from "#components/activity/event-text.ts";
import { eventLine } from "#components/connections/event-words.ts";
import { grouped } from "#components/ui/amounts.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { dialogScrim } from "#components/ui/dialog.tsx";
import { useTimeZone } from "#components/ui/now.tsx";
import { Facts } from "#components/ui/panel.tsx";
import type { AuditEventJson } from "#lib/audit/schema.ts";
import { exactTime } from "#lib/core/relative-time.ts";

const results: Readonly<
  Record<string, { words: string; tone: "ok" | "warn" | "danger" | "plain" }>
> = {
  success: { words: "Done", tone: "ok" },
  intent: { words: "Begun", tone: "plain" },
  refused: { words: "Refused", tone: "warn" },
  failed: { words: "Failed", tone: "danger" },
};

/** One event, whole: who, for whom, what, on which connection, and its place in the chain. */
export function EventDrawer({
  event,
  returnTo,
  onClose,
  onShowAll,
}: {
  event: AuditEventJson;
  /** Has the focus again afterwards. */
  returnTo: HTMLElement | null;
  onClose: () => void;
  onShowAll: (filter: { actor: string } | { connection: string }) => void;
}) {
  const timeZone = useTimeZone();
  const result = results[event.result] ?? { words: event.result, tone: "plain" as const };
  const { actor, connection, onBehalfOf, target } = event;
  const facts = [
    { name: "Who", value: actorName(event) },
    ...(onBehalfOf === null
      ? []
      : [{ name: "For whom", value: onBehalfOf.name ?? "a person unknown" }]),
    { name: "When", value: exactTime(new Date(event.at), timeZone) },
    { name: "Action", value: event.action, isMono: true },
    ...(connection === null
      ? []
      : [
          {
            name: "Connection",
            value:
              connection.name === null ? (
                "deleted since"
              ) : (
                <Link className="underline" href={`/integrations/${connection.id}` as Route}>
                  {connection.name}
                </Link>
              ),
          },
        ]),
    ...(target === null || target.id === connection?.id
      ? []
      : [
          {
            name: `The ${target.kind}`,
            value: target.name ?? target.id,
            isMono: target.name === null,
          },
        ]),
    ...Object.entries(event.detail)
      .toSorted()
      .map(([name, value]) => ({
        name: detailName(name),
        value: detailText(value),
      })),
    ...(event.requestId === null
      ? []
      : [{ name: "Request ID", value: event.requestId, isMono: true }]),
    { name: "Chain", value: `Event ${grouped(event.sequence)} of the team` },
    { name: "Seal", value: shortHash(event.hash), isMono: true },
  ];
  return (
    <Radix.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={dialogScrim} />
        <Radix.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(closing) => {
            closing.preventDefault();
            returnTo?.focus();
          }}
          className="fixed inset-y-0 right-0 z-50 flex w-full max-w-[27rem] animate-[fade_var(--dur-3)_var(--ease-out)] flex-col gap-4 overflow-y-auto border-line border-l bg-raised p-5 shadow-3"
        >
          <div className="flex items-start gap-3">
            <div className="grid flex-1 gap-1.5">
              <Radix.Title className="font-title text-lg tracking-title">
                {eventLine(event).title}
              </Radix.Title>
              <Badge tone={result.tone} className="justify-self-start">
                {result.words}
              </Badge>
            </div>
            <Radix.Close asChild>
              <Button tone="quiet" size="icon-sm" aria-label="Close">
                <X aria-hidden strokeWidth={1.5} />
              </Button>
            </Radix.Close>
          </div>
          <Facts items={facts} />
          <div className="mt-auto flex flex-wrap gap-2 border-line border-t pt-4">
            <CopyButton size="sm" value={JSON.stringify(event, null, 2)} label="Copy as JSON" />
            {actor !== null && (
              <Button size="sm" onClick={() => onShowAll({ actor: actor.id })}>
                All by {actor.name ?? "this person"}
              </Button>
            )}
            {connection !== null && (
              <Button size="sm" onClick={() => onShowAll({ connection: connection.id })}>
                All of this connection
              </Button>
            )}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

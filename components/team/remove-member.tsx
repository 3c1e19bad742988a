"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { removeMember } from "#components/team/calls.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import type { MemberJson } from "#lib/team/schema.ts";

const many = (count: number, one: string, more: string) =>
  count === 1 ? `1 ${one}` : `${count} ${more}`;

/** Takes somebody out of the team, after saying exactly what ends. */
export function RemoveMember({ member }: { member: MemberJson }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  const ends = [
    member.sessions === null || member.sessions === 0
      ? "They are not signed in here now."
      : `They are signed out at once, from ${many(member.sessions, "session", "sessions")}.`,
    member.connections === 0
      ? "They hold no connection."
      : `Their access through ${many(member.connections, "connection", "connections")} ends, and their tokens are revoked at the providers that can.`,
    "Their agents stop, and the keys of those are revoked.",
  ];
  const stays = [
    "The connections they set up stay with the team.",
    "What they did stays in the trail.",
    "To come back they need a new invitation.",
  ];
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        call.clear();
      }}
      trigger={
        <Button tone="danger" size="sm">
          Remove<span className="sr-only"> {member.name}</span>
        </Button>
      }
      title={`Remove ${member.name} from the team`}
      description={member.email}
      confirmLabel={`Remove ${member.name}`}
      cancelLabel="Keep them"
      isBusy={call.isBusy}
      busyLabel="Removing"
      error={call.error}
      onConfirm={() =>
        call.run(async () => {
          const removal = await removeMember(member.id);
          setIsOpen(false);
          const grants = many(removal.grantsEnded, "connection", "connections");
          const sessions = many(removal.sessionsEnded, "session", "sessions");
          sayDone(`${member.name} was removed: ${sessions} and ${grants} ended`);
          router.push("/team" as Route);
          router.refresh();
        })
      }
    >
      <div className="grid gap-3">
        <Lines title="What ends" lines={ends} />
        <Lines title="What stays" lines={stays} />
      </div>
    </AlertDialog>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div>
      <h3 className="font-label text-sm tracking-tight">{title}</h3>
      <ul className="list-disc pl-4 text-ink-2 marker:text-ink-3">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

"use client";

import { useState } from "react";
import { arriveIn, goToTeam } from "#components/shell/switch-team.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { callApi } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Field, FieldError, Input } from "#components/ui/field.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { TeamJson } from "#lib/team/schema.ts";

const madeSchema = async () => (await import("#lib/team/schema.ts")).newTeamSchema;

/** The teams one is in: go on in another, make one, or leave this one. */
export function OwnTeams({ teams }: { teams: readonly TeamJson[] }) {
  const call = useCall();
  const current = teams.find(({ isCurrent }) => isCurrent);
  return (
    <div className="grid gap-4">
      <ul className="divide-y divide-line">
        {teams.map(({ id, name, role, isCurrent }) => (
          <li key={id} className="flex items-center gap-3 py-2">
            <p className="flex min-w-0 flex-1 flex-wrap items-center gap-2 font-label">
              <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
              <span className="font-text text-ink-3 text-xs">{role}</span>
              {isCurrent && <Badge tone="accent">You are here</Badge>}
            </p>
            {!isCurrent && (
              <Button size="sm" isBusy={call.isBusy} onClick={() => call.run(() => goToTeam(id))}>
                Go there<span className="sr-only">: {name}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div role="alert">{call.error !== null && <FieldError>{call.error}</FieldError>}</div>
      <NewTeam />
      {current && <Leave team={current} hasOthers={teams.length > 1} />}
    </div>
  );
}

function NewTeam() {
  const call = useCall();
  const [name, setName] = useState("");
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      aria-label="Make another team"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        void call.run(async () => {
          const body = { name: name.trim() };
          const { id } = await callApi("/api/teams", madeSchema, { method: "POST", body });
          arriveIn(id);
        });
      }}
    >
      <div className="min-w-48 flex-1">
        <Field label="Another team" error={call.error ?? undefined}>
          <Input
            value={name}
            maxLength={80}
            placeholder="Its name"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </div>
      <Button type="submit" className="h-9" isBusy={call.isBusy} busyLabel="Making it">
        Make a team
      </Button>
    </form>
  );
}

function Leave({ team, hasOthers }: { team: TeamJson; hasOthers: boolean }) {
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div>
      <AlertDialog
        isOpen={isOpen}
        onOpenChange={(next) => {
          setIsOpen(next);
          call.clear();
        }}
        trigger={<Button tone="danger">Leave {team.name}</Button>}
        title={`Leave ${team.name}`}
        description="Your connections in this team end at once, and their tokens are revoked at the providers. What you set up stays with the team."
        confirmLabel="Leave the team"
        cancelLabel="Stay"
        isBusy={call.isBusy}
        busyLabel="Leaving"
        error={call.error}
        onConfirm={() =>
          call.run(async () => {
            await callApi("/api/team/leave", null, { method: "POST" });
            if (hasOthers) arriveIn("left");
            else window.location.assign("/sign-in");
          })
        }
      />
    </div>
  );
}

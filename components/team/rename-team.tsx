"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { renameTeam } from "#components/team/calls.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";

/** Gives the team another name. */
export function RenameTeam({ name: before }: { name: string }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState(before);
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        setName(before);
        call.clear();
      }}
      title="Rename the team"
      trigger={
        <Button tone="quiet" size="sm">
          Rename<span className="sr-only"> the team</span>
        </Button>
      }
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() === "") return;
          void call.run(async () => {
            await renameTeam(name.trim());
            setIsOpen(false);
            sayDone(`Renamed to ${name.trim()}`);
            router.refresh();
          });
        }}
      >
        <Field label="Team name" error={call.error ?? undefined}>
          <Input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
        </Field>
        <DialogActions isBusy={call.isBusy} busyLabel="Renaming">
          Rename
        </DialogActions>
      </form>
    </Dialog>
  );
}

"use client";

import { Button } from "#components/ui/button.tsx";
import { CopyField } from "#components/ui/copy-field.tsx";
import { DialogClose } from "#components/ui/dialog.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { NewInvitationJson } from "#lib/team/schema.ts";

/** A link to pass on, the one time that it is shown. */
export function InvitationLink({ invitation }: { invitation: NewInvitationJson }) {
  return (
    <div className="grid gap-3">
      <p className="text-ink-2">
        The studio sends no mail. Copy this link and pass it on yourself, to {invitation.email} and
        nobody else: whoever opens it first can use it. It is shown this once.
      </p>
      <CopyField value={invitation.link} name="the invitation link" />
      <p className="text-ink-3 text-xs">
        Good for one use; ends <RelativeTime at={invitation.expiresAt} />.
      </p>
      <div className="flex justify-end">
        <DialogClose asChild>
          <Button>Done</Button>
        </DialogClose>
      </div>
    </div>
  );
}

"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { renewInvitation, revokeInvitation } from "#components/team/calls.ts";
import { InvitationLink } from "#components/team/invitation-link.tsx";
import { roleNames } from "#components/team/role-words.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import type { InvitationJson, NewInvitationJson } from "#lib/team/schema.ts";

/** Invitations that wait, or that nobody used in time. */
export function Invitations({ invitations }: { invitations: readonly InvitationJson[] }) {
  const [renewed, setRenewed] = useState<NewInvitationJson | null>(null);
  return (
    <>
      {invitations.length === 0 ? (
        <p className="text-ink-2">Nobody is invited just now.</p>
      ) : (
        <ul className="divide-y divide-line border-line border-y">
          {invitations.map((invitation) => (
            <Line key={invitation.id} invitation={invitation} onRenewed={setRenewed} />
          ))}
        </ul>
      )}
      <Dialog
        isOpen={renewed !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) setRenewed(null);
        }}
        title={renewed === null ? "" : `A new link for ${renewed.email}`}
      >
        {renewed !== null && <InvitationLink invitation={renewed} />}
      </Dialog>
    </>
  );
}

function Line({
  invitation,
  onRenewed,
}: {
  invitation: InvitationJson;
  onRenewed: (renewed: NewInvitationJson) => void;
}) {
  const router = useRouter();
  const call = useCall();
  const { email, state } = invitation;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2 font-label">
          <span className="min-w-0 [overflow-wrap:anywhere]">{email}</span>
          {state === "expired" && <Badge tone="warn">Expired</Badge>}
          {state === "revoked" && <Badge tone="warn">No longer good</Badge>}
        </p>
        <p className="text-ink-3 text-xs">
          {roleNames[invitation.role]}
          {invitation.invitedBy !== null && `, invited by ${invitation.invitedBy.name}`}{" "}
          <RelativeTime at={invitation.createdAt} />
          {state === "open" && (
            <>
              , ends <RelativeTime at={invitation.expiresAt} />
            </>
          )}
          {state === "revoked" && ". Whoever invited can no longer give this role."}
        </p>
        <div role="alert">{call.error !== null && <FieldError>{call.error}</FieldError>}</div>
      </div>
      {invitation.canChange && (
        <div className="flex gap-2">
          <Button
            size="sm"
            isBusy={call.isBusy}
            onClick={() =>
              call.run(async () => {
                onRenewed(await renewInvitation(invitation.id));
                router.refresh();
              })
            }
          >
            New link<span className="sr-only"> for {email}</span>
          </Button>
          <Button
            size="sm"
            tone="danger"
            isBusy={call.isBusy}
            onClick={() =>
              call.run(async () => {
                await revokeInvitation(invitation.id);
                sayDone(`The invitation of ${email} was withdrawn`);
                router.refresh();
              })
            }
          >
            Withdraw<span className="sr-only"> the invitation of {email}</span>
          </Button>
        </div>
      )}
    </li>
  );
}

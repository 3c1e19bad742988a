"use client";

import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { invite } from "#components/team/calls.ts";
import { InvitationLink } from "#components/team/invitation-link.tsx";
import { roleNames, roleWords } from "#components/team/role-words.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import { useCall } from "#components/ui/use-call.ts";
import { type Role, roles } from "#lib/core/principal.ts";
import { isAtMost } from "#lib/policy/role-matrix.ts";
import type { NewInvitationJson } from "#lib/team/schema.ts";

/** Invites an address, and shows the link once: no mail is sent. */
export function Invite({ role: own }: { role: Role }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const [made, setMade] = useState<NewInvitationJson | null>(null);
  const close = (next: boolean) => {
    setIsOpen(next);
    setMade(null);
    setEmail("");
    setRole("member");
    call.clear();
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={close}
      title={made ? `Invited: ${made.email}` : "Invite somebody"}
      trigger={
        <Button tone="primary">
          <UserPlus aria-hidden strokeWidth={1.5} />
          Invite
        </Button>
      }
    >
      {made ? (
        <InvitationLink invitation={made} />
      ) : (
        <form
          className="grid gap-4"
          noValidate
          aria-label="Invite somebody"
          onSubmit={(event) => {
            event.preventDefault();
            void call.run(async () => {
              setMade(await invite(email, role));
              router.refresh();
            });
          }}
        >
          <Field
            label="E-mail"
            help="Only this address can use the link."
            error={call.error ?? undefined}
          >
            <Input
              type="email"
              autoComplete="off"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
          <Field label="Role" help={roleWords[role]}>
            <Select
              className="h-9"
              value={role}
              onChange={(event) => setRole(event.target.value as Role)}
            >
              {roles
                .filter((each) => isAtMost(each, own))
                .toReversed()
                .map((each) => (
                  <option key={each} value={each}>
                    {roleNames[each]}
                  </option>
                ))}
            </Select>
          </Field>
          <DialogActions isBusy={call.isBusy} busyLabel="Making the link">
            Make the link
          </DialogActions>
        </form>
      )}
    </Dialog>
  );
}

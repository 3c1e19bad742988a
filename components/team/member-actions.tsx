"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { endGrant, endMemberSessions, resetSecondFactors } from "#components/team/calls.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import type { MemberGrantJson } from "#lib/grants/schema.ts";
import type { MemberJson } from "#lib/team/schema.ts";

/** Ends a teammate's access through one connection, after asking. */
export function EndGrant({ grant, name }: { grant: MemberGrantJson; name: string }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  const where = grant.connection.name;
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        call.clear();
      }}
      trigger={
        <Button size="sm" tone="danger">
          End
          <span className="sr-only">
            {" "}
            {name}'s access through {where}
          </span>
        </Button>
      }
      title={`End ${name}'s access through ${where}`}
      description={`Their token here is deleted at once, and the provider is asked to end it too. ${name} can connect again.`}
      confirmLabel="End access"
      cancelLabel="Keep it"
      isBusy={call.isBusy}
      busyLabel="Ending"
      error={call.error}
      onConfirm={() =>
        call.run(async () => {
          await endGrant(grant.id);
          setIsOpen(false);
          sayDone(`${name} is no longer connected to ${where}`);
          router.refresh();
        })
      }
    />
  );
}

/** Signs a teammate out of this team everywhere. */
export function EndSessions({ member }: { member: MemberJson }) {
  const router = useRouter();
  const call = useCall();
  return (
    <div className="grid gap-2">
      <div>
        <Button
          tone="danger"
          isBusy={call.isBusy}
          busyLabel="Ending"
          onClick={() =>
            call.run(async () => {
              await endMemberSessions(member.id);
              sayDone(`${member.name} was signed out`);
              router.refresh();
            })
          }
        >
          End all sessions
        </Button>
      </div>
      <div role="alert">{call.error !== null && <FieldError>{call.error}</FieldError>}</div>
    </div>
  );
}

/** For somebody who lost their second factor: they sign in by password alone, and set up another. */
export function ResetSecondFactor({ member }: { member: MemberJson }) {
  const router = useRouter();
  const call = useCall();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={(next) => {
        setIsOpen(next);
        call.clear();
      }}
      trigger={
        <Button size="sm" tone="danger">
          Reset
        </Button>
      }
      title={`Reset the second factor of ${member.name}`}
      description="Make sure that it is really them who asks. Their factors and recovery codes are removed, and they are signed out everywhere."
      confirmLabel="Reset"
      cancelLabel="Keep it"
      isBusy={call.isBusy}
      busyLabel="Resetting"
      error={call.error}
      onConfirm={() =>
        call.run(async () => {
          await resetSecondFactors(member.id);
          setIsOpen(false);
          sayDone(`${member.name} can set up a new second factor`);
          router.refresh();
        })
      }
    />
  );
}

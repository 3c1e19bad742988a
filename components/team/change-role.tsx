"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { changeRole } from "#components/team/calls.ts";
import { roleNames, roleWords } from "#components/team/role-words.ts";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { Select } from "#components/ui/select.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";
import type { Role } from "#lib/core/principal.ts";
import type { MemberJson } from "#lib/team/schema.ts";

/** Somebody's role; a new one is asked about first, since it signs them out. */
export function ChangeRole({ member }: { member: MemberJson }) {
  const router = useRouter();
  const call = useCall();
  const [wanted, setWanted] = useState<Role | null>(null);
  const isMine = member.isMe;
  return (
    <>
      <Select
        aria-label={`Role of ${member.name}`}
        value={member.role}
        onChange={(event) => setWanted(event.target.value as Role)}
      >
        {member.grantableRoles.map((role) => (
          <option key={role} value={role}>
            {roleNames[role]}
          </option>
        ))}
      </Select>
      <AlertDialog
        isOpen={wanted !== null}
        onOpenChange={(next) => {
          if (!next) setWanted(null);
          call.clear();
        }}
        title={
          wanted === null
            ? ""
            : `Make ${isMine ? "yourself" : member.name} ${wanted === "member" ? "a member" : `an ${wanted}`}`
        }
        description={
          wanted === null ? null : (
            <>
              {roleWords[wanted]}{" "}
              {isMine
                ? "Your other sessions in this team end."
                : "Their sessions in this team end now; they sign in again with the new role."}
            </>
          )
        }
        confirmLabel="Change role"
        isBusy={call.isBusy}
        busyLabel="Changing"
        error={call.error}
        onConfirm={() =>
          call.run(async () => {
            if (wanted === null) return;
            await changeRole(member.id, wanted);
            setWanted(null);
            sayDone(`${member.name}: ${roleNames[wanted]}`);
            router.refresh();
          })
        }
      />
    </>
  );
}

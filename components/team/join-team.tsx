"use client";

import { signOutTo } from "#components/shell/sign-out.ts";
import { arriveIn } from "#components/shell/switch-team.ts";
import { callApi } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";
import { useCall } from "#components/ui/use-call.ts";

/** For whoever is signed in with the invited address. */
export function JoinTeam({ token, teamName }: { token: string; teamName: string }) {
  const call = useCall();
  return (
    <div className="grid gap-3">
      <div role="alert">{call.error !== null && <FieldError>{call.error}</FieldError>}</div>
      <Button
        tone="primary"
        isBusy={call.isBusy}
        busyLabel="Joining"
        onClick={() =>
          call.run(async () => {
            await callApi("/api/invitations/join", null, { method: "POST", body: { token } });
            arriveIn("joined");
          })
        }
      >
        Join {teamName}
      </Button>
      <p className="text-ink-3 text-xs">
        Your other teams stay. You can switch between them at any time.
      </p>
    </div>
  );
}

/** For whoever is signed in with another address. */
export function SignOutFirst({ email, myEmail }: { email: string; myEmail: string }) {
  return (
    <div className="grid gap-4">
      <p className="text-ink-2 [overflow-wrap:anywhere]">
        You are signed in as {myEmail}. This invitation is for {email} alone: sign out to use it.
      </p>
      <Button tone="primary" onClick={() => void signOutTo(window.location.pathname)}>
        Sign out
      </Button>
    </div>
  );
}

"use client";

import { useState } from "react";
import { callApi, problemWords } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose } from "#components/ui/dialog.tsx";
import { DialogActions } from "#components/ui/dialog-actions.tsx";
import { Field, Input } from "#components/ui/field.tsx";

/** Asks for the password before something that an open, forgotten browser must not do. */
export function ConfirmItIsYou({
  hasPassword,
  onClose,
  onConfirmed,
}: {
  hasPassword: boolean;
  onClose: () => void;
  onConfirmed: () => void;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Confirm that it is you"
      description={
        hasPassword
          ? "You signed in a while ago. Enter your password to go on."
          : "You signed in a while ago. Sign out, sign in again, then come back here."
      }
    >
      {hasPassword && (
        <form
          className="grid gap-4"
          onSubmit={async (event) => {
            event.preventDefault();
            const password = new FormData(event.currentTarget).get("password");
            setIsBusy(true);
            setError(null);
            try {
              await callApi("/api/password/confirm", null, { method: "POST", body: { password } });
              onConfirmed();
            } catch (cause) {
              setError(problemWords(cause));
              setIsBusy(false);
            }
          }}
        >
          <Field label="Password" error={error} isRequired>
            <Input name="password" type="password" autoComplete="current-password" required />
          </Field>
          <DialogActions isBusy={isBusy} busyLabel="Confirming">
            Confirm
          </DialogActions>
        </form>
      )}
      {!hasPassword && (
        <div className="flex justify-end">
          <DialogClose asChild>
            <Button>Close</Button>
          </DialogClose>
        </div>
      )}
    </Dialog>
  );
}

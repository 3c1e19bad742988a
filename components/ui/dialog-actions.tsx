import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { DialogClose } from "#components/ui/dialog.tsx";
import { FieldError } from "#components/ui/field.tsx";

/** The end of a form in a dialog: what went wrong as a whole, the way out, and what it does. */
export function DialogActions({
  problem = null,
  isBusy,
  busyLabel,
  children,
}: {
  problem?: string | null;
  isBusy: boolean;
  busyLabel: string;
  /** The verb. */
  children: ReactNode;
}) {
  return (
    <>
      {problem !== null && (
        <div role="alert">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button tone="quiet">Cancel</Button>
        </DialogClose>
        <Button type="submit" tone="primary" isBusy={isBusy} busyLabel={busyLabel}>
          {children}
        </Button>
      </div>
    </>
  );
}

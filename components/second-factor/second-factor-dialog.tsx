"use client";

import { Button, buttonClass } from "#components/ui/button.tsx";
import { Dialog, DialogClose } from "#components/ui/dialog.tsx";
import type { SecondFactorStep } from "#components/ui/second-factor-event.ts";

const words = {
  "set-up": {
    title: "This needs your second factor",
    description:
      "Looking after people, and after what belongs to teammates, takes more than a password. Set up an authenticator app or a passkey: it takes a minute.",
    action: "Set one up",
  },
  confirm: {
    title: "Confirm that it is you",
    description:
      "This step asks for your second factor again. You come back here; then press once more.",
    action: "Confirm",
  },
} as const;

/** Says why something was refused, and leads to setting a factor up or to confirming it. */
export function SecondFactorDialog({
  step,
  onClose,
}: {
  step: SecondFactorStep;
  onClose: () => void;
}) {
  const { title, description, action } = words[step];
  // Whole loads: the session that comes back is another one.
  const back = `${window.location.pathname}${window.location.search}`;
  const way =
    step === "set-up"
      ? "/settings#second-factor"
      : `/sign-in/second-step?returnTo=${encodeURIComponent(back)}`;
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={title}
      description={description}
    >
      <div className="flex flex-wrap justify-end gap-2">
        <DialogClose asChild>
          <Button tone="quiet">Not now</Button>
        </DialogClose>
        <a href={way} className={buttonClass({ tone: "primary" })} onClick={onClose}>
          {action}
        </a>
      </div>
    </Dialog>
  );
}

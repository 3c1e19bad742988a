"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { AlertDialog } from "#components/ui/alert-dialog.tsx";
import { Button, type ButtonProps } from "#components/ui/button.tsx";
import { sayDone } from "#components/ui/toast.ts";
import { useCall } from "#components/ui/use-call.ts";

/** Asks before something of an agent ends, says what, and shows the page as it is after. */
export function ConfirmEnd({
  label,
  labelFor,
  size = "md",
  tone = "danger",
  title,
  lines,
  confirmLabel,
  cancelLabel,
  busyLabel,
  done,
  goTo,
  work,
}: {
  label: string;
  /** Completes the label for whoever does not see the row. */
  labelFor?: string;
  size?: ButtonProps["size"];
  /** "plain" where every row of a list has one. */
  tone?: ButtonProps["tone"];
  title: string;
  lines: readonly ReactNode[];
  confirmLabel: string;
  cancelLabel: string;
  busyLabel: string;
  done: string;
  goTo?: Route;
  work: () => Promise<unknown>;
}) {
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
        <Button tone={tone} size={size}>
          {label}
          {labelFor !== undefined && <span className="sr-only"> {labelFor}</span>}
        </Button>
      }
      title={title}
      description={null}
      confirmLabel={confirmLabel}
      cancelLabel={cancelLabel}
      isBusy={call.isBusy}
      busyLabel={busyLabel}
      error={call.error}
      onConfirm={() =>
        call.run(async () => {
          await work();
          setIsOpen(false);
          sayDone(done);
          if (goTo !== undefined) router.push(goTo);
          router.refresh();
        })
      }
    >
      <ul className="list-disc pl-4 text-ink-2 marker:text-ink-3">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines never move
          <li key={index}>{line}</li>
        ))}
      </ul>
    </AlertDialog>
  );
}

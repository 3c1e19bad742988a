"use client";

import * as Radix from "radix-ui/alert-dialog";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { dialogBox, dialogScrim } from "#components/ui/dialog.tsx";

/**
 * Asks before something that cannot be taken back. Stays open while `isBusy`; the caller closes it
 * when the work is done. Focus starts on "Keep" and returns to the trigger.
 *
 * @param props.confirmLabel - a verb and its object: "Disconnect uat"
 * @param props.error - why the work did not happen, in words
 */
export function AlertDialog({
  trigger,
  title,
  description,
  confirmLabel,
  cancelLabel = "Cancel",
  isOpen,
  onOpenChange,
  isBusy = false,
  busyLabel,
  error,
  onConfirm,
  children,
}: {
  trigger?: ReactNode;
  title: ReactNode;
  description: ReactNode;
  confirmLabel: string;
  cancelLabel?: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  isBusy?: boolean;
  busyLabel?: string;
  error?: ReactNode;
  onConfirm: () => void;
  children?: ReactNode;
}) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(next) => !isBusy && onOpenChange(next)}>
      {trigger !== undefined && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className={dialogScrim} />
        <Radix.Content className={cn(dialogBox)}>
          <div className="grid gap-1">
            <Radix.Title className="font-title text-lg tracking-title">{title}</Radix.Title>
            <Radix.Description asChild>
              <div className="text-ink-2">{description}</div>
            </Radix.Description>
          </div>
          {children}
          {error !== undefined && error !== null && (
            <p role="alert" className="text-danger-ink">
              {error}
            </p>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <Radix.Cancel asChild>
              <Button tone="quiet">{cancelLabel}</Button>
            </Radix.Cancel>
            <Button
              tone="danger-solid"
              isBusy={isBusy}
              {...(busyLabel !== undefined && { busyLabel })}
              onClick={onConfirm}
            >
              {confirmLabel}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

"use client";

import * as Radix from "radix-ui/dialog";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export const dialogScrim = "fixed inset-0 z-50 animate-scrim bg-scrim";
export const dialogBox =
  "fixed top-1/2 left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-[30rem] -translate-x-1/2 -translate-y-1/2 gap-4 overflow-auto rounded-4 border border-line bg-raised p-5 shadow-3 animate-[fade_var(--dur-3)_var(--ease-out)]";

/** Something asked or shown over the page; focus returns to its trigger. */
export function Dialog({
  trigger,
  title,
  description,
  isOpen,
  onOpenChange,
  className,
  children,
}: {
  trigger?: ReactNode;
  title: ReactNode;
  description?: ReactNode;
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Radix.Root
      {...(isOpen !== undefined && { open: isOpen })}
      {...(onOpenChange !== undefined && { onOpenChange })}
    >
      {trigger !== undefined && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className={dialogScrim} />
        <Radix.Content
          className={cn(dialogBox, className)}
          {...(description === undefined && { "aria-describedby": undefined })}
        >
          <div className="grid gap-1">
            <Radix.Title className="font-title text-lg tracking-title">{title}</Radix.Title>
            {description !== undefined && (
              <Radix.Description className="text-ink-2">{description}</Radix.Description>
            )}
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const DialogClose = Radix.Close;

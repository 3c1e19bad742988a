"use client";

import { Check } from "lucide-react";
import * as Radix from "radix-ui/dropdown-menu";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

const item =
  "flex min-h-7 w-full items-center gap-2 rounded-2 px-2 text-ink text-sm no-underline outline-none select-none data-[highlighted]:bg-hover data-[disabled]:text-ink-3 data-[highlighted]:shadow-none pointer-coarse:min-h-11 [&_.lucide]:size-4 [&_.lucide]:shrink-0 [&_.lucide]:text-ink-3";

/** Inside the page's landmark, so that nothing is said outside of one. */
const portalContainer = () =>
  typeof document === "undefined" ? null : document.getElementById("main");

/** A menu under its trigger. */
export function DropdownMenu({
  trigger,
  align = "start",
  startsOpen = false,
  className,
  children,
}: {
  trigger: ReactNode;
  align?: "start" | "end";
  /** For a menu whose script came with the press that opens it. */
  startsOpen?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Radix.Root modal={false} defaultOpen={startsOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={portalContainer()}>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={cn(
            "z-50 min-w-44 animate-menu rounded-3 border border-line bg-raised p-1 shadow-2",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function MenuItem({ className, ...rest }: ComponentProps<typeof Radix.Item>) {
  return <Radix.Item {...rest} className={cn(item, className)} />;
}

export function MenuCheckboxItem({
  className,
  children,
  ...rest
}: ComponentProps<typeof Radix.CheckboxItem>) {
  return (
    <Radix.CheckboxItem
      {...rest}
      // Several are usually ticked in one go.
      onSelect={(event) => event.preventDefault()}
      className={cn(item, className)}
    >
      <span className="grid size-[15px] shrink-0 place-items-center rounded-1 border border-line-control bg-raised in-data-[state=checked]:border-accent in-data-[state=checked]:bg-accent">
        <Radix.ItemIndicator>
          <Check className="size-2.5! text-on-accent!" strokeWidth={3} />
        </Radix.ItemIndicator>
      </span>
      {children}
    </Radix.CheckboxItem>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-2xs text-ink-3">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}

import type { ComponentProps } from "react";
import { cn } from "#components/ui/cn.ts";

/** The platform's own list of choices. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return (
    <select
      {...rest}
      className={cn(
        "h-(--control-sm) min-w-0 rounded-2 border border-line-control bg-raised px-1.5 text-ink text-sm transition-colors duration-hover hover:border-ink-3 disabled:cursor-not-allowed disabled:border-line disabled:bg-chip disabled:text-ink-3 pointer-coarse:h-control pointer-coarse:text-lg",
        className,
      )}
    />
  );
}

import type { ComponentProps } from "react";
import { cn } from "#components/ui/cn.ts";

/** Holds more than fits and scrolls by itself; takes focus, so that keys can scroll it too. */
export function ScrollRegion({
  name,
  className,
  ...rest
}: Omit<ComponentProps<"section">, "tabIndex"> & { name: string }) {
  return (
    <section
      {...rest}
      aria-label={name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className={cn("overflow-auto", className)}
    />
  );
}

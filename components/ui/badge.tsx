import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "#components/ui/cn.ts";

const badgeClass = cva(
  "inline-flex h-[18px] items-center gap-1 rounded-1 border px-1.5 font-label text-2xs tracking-none whitespace-nowrap [&_svg]:size-3",
  {
    variants: {
      tone: {
        plain: "border-line bg-chip text-ink-2",
        ok: "border-ok-line bg-ok-tint text-ok-ink",
        warn: "border-warn-line bg-warn-tint text-warn-ink",
        danger: "border-danger-line bg-danger-tint text-danger-ink",
        accent: "border-accent-line bg-accent-tint text-accent-ink",
      },
    },
    defaultVariants: { tone: "plain" },
  },
);

/** A small word on a tint. The word carries the meaning, the colour repeats it. */
export function Badge({
  tone,
  className,
  ...rest
}: ComponentProps<"span"> & VariantProps<typeof badgeClass>) {
  return <span {...rest} className={cn(badgeClass({ tone }), className)} />;
}

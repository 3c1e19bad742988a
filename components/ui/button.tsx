import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "#components/ui/cn.ts";

/** The shape of a button, for a link that acts like one: `<Link className={buttonClass({})}>`. */
export const buttonClass = cva(
  [
    "relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-2 border font-label whitespace-nowrap no-underline select-none",
    "transition-colors duration-hover",
    "disabled:cursor-not-allowed disabled:border-line disabled:bg-chip disabled:text-ink-3 disabled:shadow-none",
    "aria-disabled:cursor-not-allowed aria-disabled:border-line aria-disabled:bg-chip aria-disabled:text-ink-3 aria-disabled:shadow-none",
    "[&_svg]:size-3.5 [&_svg]:shrink-0",
  ],
  {
    variants: {
      tone: {
        plain: "border-line-strong bg-raised text-ink shadow-1 hover:bg-hover",
        primary: "border-transparent bg-accent text-on-accent shadow-1 hover:bg-accent-hover",
        quiet: "border-transparent bg-transparent text-ink-2 hover:bg-hover hover:text-ink",
        danger: "border-danger-line bg-transparent text-danger-ink hover:bg-danger-tint",
        "danger-solid":
          "border-transparent bg-danger-solid text-on-danger shadow-1 hover:brightness-95",
        act: "border-accent-line bg-accent-tint text-accent-ink hover:border-accent",
      },
      size: {
        md: "h-control px-3 text-sm",
        sm: "h-control-sm px-2 text-xs",
        "icon-md": "size-control",
        "icon-sm": "size-control-sm",
      },
    },
    defaultVariants: { tone: "plain", size: "md" },
  },
);

export type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof buttonClass> & {
    /** While true the button keeps its width and focus, says so to a screen reader, and does nothing. */
    isBusy?: boolean;
    /** Replaces the label while busy, for example "Testing". */
    busyLabel?: string;
  };

/** A button. `type` is "button" unless given; only one in view should be `primary`. */
export function Button({
  tone,
  size,
  className,
  isBusy = false,
  busyLabel,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      onClick={
        isBusy
          ? (event) => {
              event.preventDefault();
            }
          : onClick
      }
      className={cn(buttonClass({ tone, size }), className)}
    >
      {isBusy && busyLabel !== undefined ? busyLabel : children}
    </button>
  );
}

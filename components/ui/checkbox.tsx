import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

const tick =
  "before:absolute before:inset-0 before:scale-0 before:bg-on-accent before:[clip-path:polygon(22%_48%,15%_56%,40%_80%,86%_28%,78%_21%,40%_65%)] checked:before:scale-100";

/** A native checkbox, 15 px, with our tick. */
export function Checkbox({ className, ...rest }: Omit<ComponentProps<"input">, "type">) {
  return (
    <input
      {...rest}
      type="checkbox"
      className={cn(
        "relative size-[15px] shrink-0 appearance-none rounded-1 border border-line-control bg-raised transition-colors duration-hover checked:border-accent checked:bg-accent disabled:opacity-60",
        tick,
        className,
      )}
    />
  );
}

/** A checkbox with its words, the whole of it pressable. */
export function CheckboxLine({
  label,
  help,
  className,
  ...rest
}: Omit<ComponentProps<"input">, "type"> & { label: ReactNode; help?: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: `Checkbox` is the input
    <label className={cn("flex min-h-6 gap-2.5", className)}>
      <Checkbox {...rest} className="mt-[3px]" />
      <span className="min-w-0">
        <span className="block">{label}</span>
        {help !== undefined && <span className="block text-ink-3 text-xs">{help}</span>}
      </span>
    </label>
  );
}

/** A small checkbox in the form of a chip, for scopes: `read`, `write`, `execute`. */
export function CheckChip({
  label,
  className,
  ...rest
}: Omit<ComponentProps<"input">, "type"> & { label: ReactNode }) {
  return (
    <label
      className={cn(
        "inline-flex h-6 cursor-pointer items-center gap-1.5 rounded-2 border border-line-strong bg-raised pr-2 pl-1.5 text-ink-2 text-xs transition-colors duration-hover pointer-coarse:h-9",
        "has-checked:border-accent-line has-checked:bg-accent-tint has-checked:text-accent-ink",
        "has-focus-visible:shadow-(--focus-ring) has-disabled:cursor-not-allowed has-disabled:border-line has-disabled:bg-chip has-disabled:text-ink-2",
        className,
      )}
    >
      <input
        {...rest}
        type="checkbox"
        className="relative size-3 appearance-none rounded-[2px] border border-line-control shadow-none! checked:border-transparent before:absolute before:inset-0 before:scale-0 before:bg-current before:[clip-path:polygon(12%_48%,3%_58%,38%_90%,98%_22%,88%_12%,38%_68%)] checked:before:scale-100"
      />
      {label}
    </label>
  );
}

import type { ComponentProps, ReactNode } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { cn } from "#components/ui/cn.ts";

const card =
  "relative flex cursor-pointer gap-2.5 rounded-3 border border-line-strong bg-raised p-3 transition-colors duration-hover hover:border-ink-3 has-checked:border-accent has-checked:bg-[color-mix(in_oklab,var(--accent-tint)_45%,var(--raised))] has-focus-visible:shadow-(--focus-ring) has-disabled:cursor-not-allowed has-disabled:border-line has-disabled:bg-chip";

type CardProps = Omit<ComponentProps<"input">, "type" | "title"> & {
  title: ReactNode;
  description?: ReactNode;
  /** Sits right of the title: a badge, a word. */
  aside?: ReactNode;
};

function CardWords({
  title,
  description,
  aside,
}: Pick<CardProps, "title" | "description" | "aside">) {
  return (
    <span className="min-w-0 flex-1">
      <span className="flex flex-wrap items-center gap-2 font-label">
        {title}
        {aside}
      </span>
      {description !== undefined && (
        <span className="block text-ink-2 text-xs leading-[1.0625rem]">{description}</span>
      )}
    </span>
  );
}

/** The dot of one choice of several. */
export function Radio({ className, ...rest }: Omit<ComponentProps<"input">, "type">) {
  return (
    <input
      {...rest}
      type="radio"
      className={cn(
        "size-[15px] shrink-0 appearance-none rounded-full border border-line-control bg-raised checked:border-[4.5px] checked:border-accent",
        className,
      )}
    />
  );
}

/** One choice of several, with room for a sentence. All cards of a group share `name`. */
export function RadioCard({ title, description, aside, className, ...rest }: CardProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: `Radio` is the input
    <label className={cn(card, className)}>
      <Radio {...rest} className="mt-[3px] shadow-none!" />
      <CardWords title={title} description={description} aside={aside} />
    </label>
  );
}

/** One of several that may all be ticked, with room for a sentence. */
export function CheckCard({ title, description, aside, className, ...rest }: CardProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: `Checkbox` is the input
    <label className={cn(card, className)}>
      <Checkbox {...rest} className="mt-[3px] shadow-none!" />
      <CardWords title={title} description={description} aside={aside} />
    </label>
  );
}

/** A named group of cards, checkboxes or fields; the name is its legend. */
export function ChoiceGroup({
  legend,
  hint,
  error,
  columns = 2,
  className,
  children,
}: {
  legend: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  columns?: 1 | 2 | 3 | 4;
  className?: string;
  children: ReactNode;
}) {
  const grid = {
    1: "",
    2: "md:grid-cols-2",
    3: "md:grid-cols-3",
    4: "md:grid-cols-2 lg:grid-cols-4",
  }[columns];
  return (
    <fieldset className={cn("min-w-0", className)}>
      <legend className="mb-1.5 flex w-full items-baseline gap-2 font-label text-sm">
        {legend}
        {hint !== undefined && <span className="ml-auto font-text text-ink-3 text-xs">{hint}</span>}
      </legend>
      <div className={cn("grid gap-3", grid)}>{children}</div>
      {error}
    </fieldset>
  );
}

import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

const tones = {
  plain: "border-line bg-raised",
  warn: "border-warn-line bg-[color-mix(in_oklab,var(--warn-tint)_50%,var(--surface))]",
  danger: "border-danger-line bg-[color-mix(in_oklab,var(--danger-tint)_50%,var(--surface))]",
  accent: "border-accent-line bg-[color-mix(in_oklab,var(--accent-tint)_50%,var(--surface))]",
};

/** A bordered block with an optional title. Never inside another. */
export function Panel({
  tone = "plain",
  title,
  titleLevel = 3,
  className,
  children,
  ...rest
}: Omit<ComponentProps<"div">, "title"> & {
  tone?: keyof typeof tones;
  title?: ReactNode;
  /** 2 where the panel stands right under the page's own heading. */
  titleLevel?: 2 | 3;
}) {
  const Title = titleLevel === 2 ? "h2" : "h3";
  return (
    <div {...rest} className={cn("rounded-3 border p-4 [&_p]:text-ink-2", tones[tone], className)}>
      {title !== undefined && <Title className="mb-1 text-sm">{title}</Title>}
      {children}
    </div>
  );
}

/** A card that lifts off the page: provider cards, the admin's checklist. */
export function Card({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div {...rest} className={cn("rounded-3 border border-line bg-raised shadow-1", className)} />
  );
}

/** A remark beside a form: a thread at its left edge, nothing more. */
export function Note({ className, ...rest }: ComponentProps<"p">) {
  return (
    <p
      {...rest}
      className={cn(
        "border-accent-line border-l-2 pl-3 text-ink-2 text-xs leading-[1.125rem]",
        className,
      )}
    />
  );
}

/** A titled part of a page, parted from the next by a line. */
export function Section({
  title,
  aside,
  isLast = false,
  className,
  children,
  ...rest
}: Omit<ComponentProps<"section">, "title"> & {
  title: ReactNode;
  /** Small words after the title. */
  aside?: ReactNode;
  isLast?: boolean;
}) {
  return (
    <section {...rest} className={cn(!isLast && "mb-6 border-line border-b pb-6", className)}>
      <SectionTitle aside={aside}>{title}</SectionTitle>
      {children}
    </section>
  );
}

export function SectionTitle({ aside, children }: { aside?: ReactNode; children: ReactNode }) {
  return (
    <div className="mb-3 flex flex-wrap items-baseline gap-x-2">
      <h2 className="text-md">{children}</h2>
      {aside !== undefined && <div className="nums text-ink-3 text-xs">{aside}</div>}
    </div>
  );
}

/** Names and values, one pair a line; a value may hold anything. */
export function Facts({
  items,
  className,
}: {
  items: readonly { name: string; value: ReactNode; isMono?: boolean }[];
  className?: string;
}) {
  return (
    <dl
      className={cn(
        "grid grid-cols-[7.5rem_minmax(0,1fr)] items-baseline gap-x-3 gap-y-2",
        className,
      )}
    >
      {items.map((item) => (
        <div key={item.name} className="contents">
          <dt className="text-ink-3 text-xs">{item.name}</dt>
          <dd className={cn("[overflow-wrap:anywhere]", item.isMono && "mono")}>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

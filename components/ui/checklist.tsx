import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type ChecklistItem = {
  title: ReactNode;
  state?: "done" | "now" | "todo";
  /** A sentence under the title, or anything else the step needs. */
  children?: ReactNode;
};

/** Steps somebody takes elsewhere, hung on a thread. */
export function Checklist({
  items,
  className,
}: {
  items: readonly ChecklistItem[];
  className?: string;
}) {
  return (
    <ol className={cn("grid", className)}>
      {items.map((item, index) => {
        const state = item.state ?? "todo";
        const isLast = index === items.length - 1;
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the steps keep their order
            key={index}
            aria-current={state === "now" ? "step" : undefined}
            className={cn(
              "relative pl-[30px]",
              !isLast && "pb-3",
              state === "done" && "text-ink-3",
            )}
          >
            {!isLast && (
              <span
                aria-hidden
                className={cn(
                  "absolute top-[19px] bottom-0 left-[9px] w-px",
                  state === "done" ? "bg-accent-line" : "bg-line-strong",
                )}
              />
            )}
            <span
              aria-hidden
              className={cn(
                "nums absolute top-0 left-0 grid size-[19px] place-items-center rounded-full border text-2xs",
                state === "todo" && "border-line-strong bg-raised text-ink-2",
                state === "now" &&
                  "border-accent bg-raised font-title text-accent-ink shadow-[0_0_0_3px_var(--accent-tint)]",
                state === "done" && "border-accent bg-accent text-on-accent",
              )}
            >
              {state === "done" ? <Check className="size-3" strokeWidth={2.5} /> : index + 1}
            </span>
            <div className="font-label">
              {item.title}
              {state === "done" && <span className="sr-only"> (done)</span>}
            </div>
            {item.children !== undefined && (
              <div className="text-ink-3 text-xs leading-[1.0625rem]">{item.children}</div>
            )}
          </li>
        );
      })}
    </ol>
  );
}

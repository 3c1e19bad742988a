import { cn } from "#components/ui/cn.ts";

/** Where in a short run of screens the person is: "Details, Sign in, Business units". */
export function Steps({
  names,
  current,
  className,
}: {
  names: readonly string[];
  /** Index of the screen in view. */
  current: number;
  className?: string;
}) {
  return (
    <ol
      aria-label="Steps"
      className={cn("hidden items-center gap-2 text-ink-3 text-xs md:flex", className)}
    >
      {names.map((name, index) => (
        <li
          key={name}
          aria-current={index === current ? "step" : undefined}
          className="flex items-center gap-2 aria-[current]:font-label aria-[current]:text-ink"
        >
          {index > 0 && <span aria-hidden className="h-px w-6 bg-line-strong" />}
          <span
            aria-hidden
            className={cn(
              "size-[7px] rounded-full border-[1.5px]",
              index === current && "border-accent bg-accent",
              index < current && "border-accent",
              index > current && "border-ink-3",
            )}
          />
          {name}
          {index < current && <span className="sr-only">, done</span>}
        </li>
      ))}
    </ol>
  );
}

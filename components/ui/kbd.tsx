import { cn } from "#components/ui/cn.ts";

export function Kbd({ className, children }: { className?: string; children: string }) {
  return (
    <kbd
      className={cn(
        "rounded-1 border border-line-strong bg-surface px-1 py-0.5 font-label font-sans text-2xs text-ink-3 leading-none",
        className,
      )}
    >
      {children}
    </kbd>
  );
}

import { cn } from "#components/ui/cn.ts";

/** The studio's mark: two threads woven. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      strokeWidth="1.9"
      strokeLinejoin="round"
      strokeLinecap="round"
      aria-hidden="true"
      className={cn("size-[22px] shrink-0", className)}
    >
      <path d="M3 6.5 7.5 17.5 12 6.5l4.5 11 4.500-11" stroke="var(--line-control)" />
      <path d="M3 17.5 7.5 6.500 12 17.500l4.500-11 4.500 11" stroke="var(--accent)" />
    </svg>
  );
}

import { cn } from "#components/ui/cn.ts";

/** A grey bar in the place of words that are coming; give it the size of what it stands for. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn("block h-3 rounded-1 bg-chip", className)} />;
}

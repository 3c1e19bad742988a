import { Skeleton } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <div aria-busy="true" className="grid gap-3 p-6">
      <span className="sr-only" role="status">
        Loading
      </span>
      <Skeleton className="h-4 w-40" />
      <Skeleton className="w-80 max-w-full" />
      <Skeleton className="w-64 max-w-full" />
    </div>
  );
}

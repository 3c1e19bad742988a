import { Skeleton } from "#components/ui/skeleton.tsx";

const widths = ["w-3/5", "w-2/5", "w-1/2", "w-3/4", "w-2/5", "w-3/5"];

/** Lines that are coming, in a line's own geometry. */
export function ReportSkeleton() {
  return (
    <div>
      <p role="status" className="border-line border-b pt-1 pb-3 text-ink-2">
        Asking the provider, a few seconds at most
      </p>
      <ul aria-hidden className="divide-y divide-line">
        {widths.map((width, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines stand for none in particular
            key={index}
            className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-3 py-3"
          >
            <Skeleton className="mt-0.5 size-4 rounded-full" />
            <span className="grid gap-2 py-1">
              <Skeleton className="w-24" />
              <Skeleton className={width} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

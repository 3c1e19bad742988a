import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";

const ROWS = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** The list's own geometry, before its words. */
export default function Loading() {
  return (
    <>
      <TopBar>
        <TopBarTitle>Integrations</TopBarTitle>
        <Skeleton className="h-control w-68 max-md:w-control" />
        <Skeleton className="h-control w-24 max-md:w-control" />
      </TopBar>
      <PageBody>
        <p role="status" className="sr-only">
          Loading connections
        </p>
        <div aria-hidden className="mb-5 grid gap-4 md:grid-cols-2">
          {["left", "right"].map((side) => (
            <div key={side} className="grid h-40 content-between rounded-3 border border-line p-4">
              <div className="flex gap-3">
                <Skeleton className="size-8" />
                <div className="grid content-center gap-1.5">
                  <Skeleton className="w-36" />
                  <Skeleton className="w-52" />
                </div>
              </div>
              <Skeleton className="h-5 w-3/4" />
              <Skeleton className="w-40" />
            </div>
          ))}
        </div>
        <Skeleton className="mb-2 h-7 w-80 max-w-full" />
        <div aria-hidden className="-mx-4 border-line border-t md:-mx-6">
          {ROWS.map((row) => (
            <div
              key={row}
              className="flex h-row items-center gap-6 border-line border-b px-4 md:px-6"
            >
              <Skeleton className="h-1.5 w-[22px]" />
              <div className="grid flex-1 gap-1.5">
                <Skeleton className="w-40" />
                <Skeleton className="h-2.5 w-28" />
              </div>
              <Skeleton className="h-5 w-20" />
              <Skeleton className="w-32 max-md:hidden" />
            </div>
          ))}
        </div>
      </PageBody>
    </>
  );
}

import { PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <TopBar>
        <Skeleton className="mr-auto w-64" />
        <Skeleton className="h-control w-24" />
      </TopBar>
      <PageBody>
        <p role="status" className="sr-only">
          Loading the connection
        </p>
        <div aria-hidden className="grid max-w-[76rem] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="grid content-start gap-6">
            <div className="grid gap-2">
              <Skeleton className="h-5 w-56" />
              <Skeleton className="w-80 max-w-full" />
            </div>
            <Skeleton className="h-40" />
            <Skeleton className="h-24" />
          </div>
          <div className="grid content-start gap-3">
            <Skeleton className="h-4 w-24" />
            <Skeleton />
            <Skeleton />
            <Skeleton />
          </div>
        </div>
      </PageBody>
    </>
  );
}

import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { Button } from "#components/ui/button.tsx";
import { FieldError } from "#components/ui/field.tsx";

type Pages = Pick<
  UseInfiniteQueryResult,
  "hasNextPage" | "isFetchingNextPage" | "isFetchNextPageError" | "fetchNextPage"
>;

/** At the end of a list that comes in pages: the next one, and what to do where it did not come. */
export function ShowMore({
  pages,
  label = "Show older",
  size = "md",
}: {
  pages: Pages;
  label?: string;
  size?: "sm" | "md";
}) {
  if (!pages.hasNextPage) return null;
  return (
    <div className="grid justify-items-center gap-2 py-4">
      {pages.isFetchNextPageError && (
        <div role="alert">
          <FieldError>They did not load. Try once more.</FieldError>
        </div>
      )}
      <Button
        size={size}
        isBusy={pages.isFetchingNextPage}
        busyLabel="Loading"
        onClick={() => void pages.fetchNextPage()}
      >
        {label}
      </Button>
    </div>
  );
}

import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

/** Where a list would be, and could not be read at all. */
export function ListProblem({ onRetry }: { onRetry: () => unknown }) {
  return (
    <EmptyState
      glyph="provider_down"
      title="The list did not load"
      actions={<Button onClick={() => void onRetry()}>Try again</Button>}
    >
      Nothing is lost; the studio could not be reached.
    </EmptyState>
  );
}

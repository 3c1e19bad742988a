"use client";

import { Button } from "#components/ui/button.tsx";
import { TechnicalDetails } from "#components/ui/disclosure.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

/** Anything a page did not expect. The message stays in our logs; `digest` finds it there. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <div className="grid flex-1 place-content-center bg-surface max-md:min-h-[60dvh] md:min-h-dvh">
      <EmptyState
        level={1}
        glyph="needs_reconnect"
        title="This page did not load"
        actions={<Button onClick={reset}>Try again</Button>}
      >
        The studio met something it did not expect. Nothing of yours was changed.
        {error.digest !== undefined && (
          <TechnicalDetails
            className="mt-4 text-left text-sm"
            code="server_error"
            lines={[["reference", error.digest]]}
          />
        )}
      </EmptyState>
    </div>
  );
}

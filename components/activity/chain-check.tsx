"use client";

import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { checkChain } from "#components/activity/queries.ts";
import { grouped } from "#components/ui/amounts.ts";
import { Button } from "#components/ui/button.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { useCall } from "#components/ui/use-call.ts";
import type { ChainCheckJson } from "#lib/audit/schema.ts";

/** Recomputes the team's chain on request and says what came of it, and when. */
export function ChainCheck() {
  const [found, setFound] = useState<ChainCheckJson | null>(null);
  const { isBusy, error, run } = useCall();
  return (
    <div className="mb-3 flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1 text-ink-2 text-xs">
      <div role="status" className="flex min-w-0 items-center gap-1.5 [&_svg]:size-4">
        {found === null ? (
          <span>Each event is sealed to the one before it.</span>
        ) : found.isIntact ? (
          <>
            <ShieldCheck aria-hidden strokeWidth={1.5} className="shrink-0 text-ok-ink" />
            <span>
              Chain intact, {grouped(found.checked)} events checked{" "}
              <RelativeTime at={found.checkedAt} />
            </span>
          </>
        ) : (
          <>
            <ShieldAlert aria-hidden strokeWidth={1.5} className="shrink-0 text-danger-ink" />
            <span className="text-danger-ink">
              Chain broken at event {grouped(found.firstBad?.sequence ?? 0)}. Tell whoever operates
              the studio.
            </span>
          </>
        )}
      </div>
      <Button
        size="sm"
        isBusy={isBusy}
        busyLabel="Checking"
        onClick={() => void run(async () => setFound(await checkChain()))}
      >
        {found === null ? "Check the chain" : "Check again"}
      </Button>
      {error !== null && (
        <p role="alert" className="text-danger-ink">
          {error}
        </p>
      )}
    </div>
  );
}

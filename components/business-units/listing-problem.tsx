"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";

export type UnitsProblem = {
  words: string;
  does: "reconnect" | "retry" | "none";
  /** Where the parent unit is reached: its own page for this, or the form that connects it. */
  parent: { href: string; words: string } | null;
};

/** Why the tenant's units could not be listed, and the one thing to do about it. */
export function ListingProblem({
  problem,
  hasUnits,
  isBusy,
  onReconnect,
}: {
  problem: UnitsProblem;
  hasUnits: boolean;
  isBusy: boolean;
  onReconnect: () => void;
}) {
  const router = useRouter();
  return (
    <Panel
      tone="warn"
      titleLevel={2}
      title={hasUnits ? "Only units your team has already" : "The units cannot be listed"}
      className="mb-4"
    >
      <p>{problem.words}</p>
      <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
        {problem.does === "reconnect" && (
          <Button isBusy={isBusy} busyLabel="Opening sign-in" onClick={onReconnect}>
            Sign in again
          </Button>
        )}
        {problem.does === "retry" && <Button onClick={() => router.refresh()}>Try again</Button>}
        {problem.parent !== null && (
          <Link href={problem.parent.href as Route} className={buttonClass({})}>
            {problem.parent.words}
          </Link>
        )}
      </div>
    </Panel>
  );
}

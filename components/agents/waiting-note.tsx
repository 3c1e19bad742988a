import type { Route } from "next";
import Link from "next/link";
import { buttonClass } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";

/** An agent waits for an answer: said where its owner is. */
export function WaitingNote({
  name,
  count,
}: {
  /** One agent's; null for all of them. */
  name: string | null;
  count: number;
}) {
  if (count === 0) return null;
  const asks = count === 1 ? "a connection" : `${count} connections`;
  return (
    <Panel tone="accent" className="mb-5 flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="min-w-0 flex-1 basis-64 text-ink!">
        {name === null
          ? count === 1
            ? "An agent of yours asks for a connection, and waits."
            : `Your agents ask for ${asks}, and wait.`
          : `${name} asks for ${asks}, and waits.`}
      </p>
      <Link href={"/agents/requests" as Route} className={buttonClass({ size: "sm" })}>
        Answer
      </Link>
    </Panel>
  );
}

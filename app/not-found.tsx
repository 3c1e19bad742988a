import type { Metadata, Route } from "next";
import Link from "next/link";
import { buttonClass } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-content-center bg-surface">
      <EmptyState
        level={1}
        title="There is nothing at this address"
        actions={
          <Link href={"/integrations" as Route} className={buttonClass({})}>
            Go to Integrations
          </Link>
        }
      >
        It may have been deleted, or it belongs to another team.
      </EmptyState>
    </main>
  );
}

import type { Route } from "next";
import Link from "next/link";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

export default function ConnectionNotFound() {
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[{ name: "Integrations", href: "/integrations" as Route }, { name: "Not found" }]}
        />
      </TopBar>
      <PageBody>
        <EmptyState
          level={1}
          title="This connection is not here"
          actions={
            <Link href={"/integrations" as Route} className={buttonClass({})}>
              See all connections
            </Link>
          }
        >
          It was deleted, or it belongs to another team.
        </EmptyState>
      </PageBody>
    </>
  );
}

import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import type { Metadata, Route } from "next";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { connectionOptions, healthOptions } from "#components/connections/detail-queries.ts";
import { HealthView } from "#components/connections/health-view.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { getGrantHealth } from "#lib/grants/get-health.ts";
import { viewOf } from "../view-of.ts";

type Props = { params: Promise<{ connectionId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Health of ${(await viewOf((await params).connectionId)).name}` };
}

export default async function HealthPage({ params }: Props) {
  const { connectionId } = await params;
  const [principal, connection] = await Promise.all([requirePrincipal(), viewOf(connectionId)]);
  const { myGrant } = connection;
  const queries = new QueryClient();
  queries.setQueryData(connectionOptions(connectionId).queryKey, connection);
  if (myGrant) {
    const health = await getGrantHealth(deps(), principal, myGrant.id);
    queries.setQueryData(healthOptions(myGrant.id).queryKey, health);
  }
  return (
    <HydrationBoundary state={dehydrate(queries)}>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" as Route },
            { name: connection.name, href: `/integrations/${connection.id}` as Route },
            { name: "Health" },
          ]}
        />
      </TopBar>
      <PageBody>
        <div className="max-w-[60rem]">
          <h1 className="mb-1 flex flex-wrap items-center gap-2.5 text-xl tracking-[-0.018em]">
            <span className="min-w-0 [overflow-wrap:anywhere]">Health of {connection.name}</span>
            <EnvironmentBadge environment={connection.environment} />
          </h1>
          <p className="mb-5 text-ink-2">Your own sign-in, over the last seven days.</p>
          {myGrant ? (
            <HealthView connection={connection} grantId={myGrant.id} />
          ) : (
            <EmptyState
              title="You have not connected it"
              actions={<ConnectButton connection={connection} label="Connect" tone="primary" />}
            >
              Health is counted for each person's own sign-in.
            </EmptyState>
          )}
        </div>
      </PageBody>
    </HydrationBoundary>
  );
}

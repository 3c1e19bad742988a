import type { Metadata, Route } from "next";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { Explorer } from "#components/explorer/explorer.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { deps } from "#lib/deps.ts";
import { listOperations } from "#lib/operations/list-operations.ts";
import { viewOf } from "../view-of.ts";

type Props = { params: Promise<{ connectionId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Explore ${(await viewOf((await params).connectionId)).name}` };
}

export default async function ExplorePage({ params }: Props) {
  const { connectionId } = await params;
  const [principal, connection] = await Promise.all([requirePrincipal(), viewOf(connectionId)]);
  const isConnected = connection.myGrant?.state === "active";
  const operations = isConnected ? await listOperations(deps(), principal, { connectionId }) : null;
  const { id, name } = connection;
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" as Route },
            { name, href: `/integrations/${id}` as Route },
            { name: "Explore" },
          ]}
        />
      </TopBar>
      <PageBody>
        <h1 className="mb-5 flex flex-wrap items-center gap-2.5 text-xl tracking-[-0.018em]">
          <span className="min-w-0 [overflow-wrap:anywhere]">Explore {name}</span>
          <EnvironmentBadge environment={connection.environment} />
        </h1>
        {operations ? (
          <Explorer connection={{ id, name }} operations={operations.items} />
        ) : (
          <EmptyState
            title="Connect it first"
            actions={
              <ConnectButton
                connection={connection}
                label={connection.myGrant ? "Reconnect" : "Connect"}
                tone="primary"
              />
            }
          >
            Everything here runs with your own sign-in.
          </EmptyState>
        )}
      </PageBody>
    </>
  );
}

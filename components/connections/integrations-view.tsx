import { Plus, Waypoints } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { AttentionBanner } from "#components/connections/attention-banner.tsx";
import { ConnectionTable } from "#components/connections/connection-table.tsx";
import { Filters } from "#components/connections/filters.tsx";
import { LiveConnections } from "#components/connections/live-connections.tsx";
import { ProviderCards } from "#components/connections/provider-cards.tsx";
import { SearchBox } from "#components/connections/search-box.tsx";
import { Welcome } from "#components/connections/welcome.tsx";
import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import type { ConnectionJson, ConnectionList, ConnectionSummary } from "#lib/connections/schema.ts";

/** What stands on a team's first day: demos, none of them connected. Null once there is more. */
export function firstDayDemos(
  summary: ConnectionSummary,
  list: ConnectionList,
): ConnectionJson[] | null {
  const isFirstDay = list.items.every(
    (item) => item.environment === "demo" && item.health === "not_connected",
  );
  return isFirstDay && list.items.length === summary.total ? list.items : null;
}

/** The Integrations page; the list's own data comes through the query cache. */
export function IntegrationsView({
  summary,
  demos,
  openEnds,
}: {
  summary: ConnectionSummary;
  /** Tokens that a provider has not confirmed as ended. */
  openEnds: number;
  /** Not null on the first day: then the demo is what there is to see. */
  demos: readonly ConnectionJson[] | null;
}) {
  return (
    <>
      <TopBar>
        <TopBarTitle>Integrations</TopBarTitle>
        {demos === null && <SearchBox />}
        {demos === null && (
          <Link
            href={"/integrations/map" as Route}
            className={buttonClass({ className: "max-md:w-control max-md:px-0" })}
          >
            <Waypoints aria-hidden strokeWidth={1.5} />
            <span className="max-md:sr-only">Map</span>
          </Link>
        )}
        <Link
          href={"/integrations/new" as Route}
          className={buttonClass({
            tone: demos === null ? "primary" : "plain",
            className: "max-md:w-control max-md:px-0",
          })}
        >
          <Plus aria-hidden strokeWidth={1.75} />
          <span className="max-md:sr-only">Connect</span>
        </Link>
      </TopBar>
      <PageBody>
        {openEnds > 0 && (
          <p className="mb-4 text-ink-2">
            {openEnds === 1 ? "One token is" : `${openEnds} tokens are`} not confirmed as ended yet.{" "}
            <Link className="link" href={"/integrations/ends" as Route}>
              Ends at providers
            </Link>
          </p>
        )}
        {demos === null ? (
          <>
            <AttentionBanner summary={summary} />
            <ProviderCards summary={summary} />
            <Filters summary={summary} />
            <ConnectionTable />
          </>
        ) : (
          <>
            <LiveConnections />
            <Welcome demos={demos} />
          </>
        )}
      </PageBody>
    </>
  );
}

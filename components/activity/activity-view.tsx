import { ActivityFilters, type Named } from "#components/activity/activity-filters.tsx";
import { ChainCheck } from "#components/activity/chain-check.tsx";
import { EventList } from "#components/activity/event-list.tsx";
import { ExportMenu } from "#components/activity/export-menu.tsx";
import { SearchEvents } from "#components/activity/search-events.tsx";
import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";

/** The Activity page; the list's own data comes through the query cache. */
export function ActivityView({
  people,
  mayCheck,
  mayExport,
  hasSecondFactor,
}: {
  /** Whose events can be asked for; none where only one's own are shown. */
  people: readonly Named[];
  mayCheck: boolean;
  mayExport: boolean;
  hasSecondFactor: boolean;
}) {
  return (
    <>
      <TopBar>
        <TopBarTitle>Activity</TopBarTitle>
        <SearchEvents />
        {mayExport && <ExportMenu hasSecondFactor={hasSecondFactor} />}
      </TopBar>
      <PageBody>
        {mayCheck ? (
          <ChainCheck />
        ) : (
          <p className="mb-3 text-ink-3 text-xs">What you did, and what was done for you.</p>
        )}
        <ActivityFilters people={people} />
        <EventList />
      </PageBody>
    </>
  );
}

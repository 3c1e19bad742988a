import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { inboxOptions } from "#components/live/inbox.ts";
import { LiveUpdates } from "#components/live/live-updates.tsx";
import { SecondFactorPrompt } from "#components/second-factor/second-factor-prompt.tsx";
import { BottomBar, RailLinks } from "#components/shell/nav-links.tsx";
import { FindButton, PaletteHost } from "#components/shell/palette-host.tsx";
import { Shortcuts } from "#components/shell/shortcuts.tsx";
import { TeamGuard } from "#components/shell/team-guard.tsx";
import { TeamMenu } from "#components/shell/team-menu.tsx";
import { UserMenu } from "#components/shell/user-menu.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import type { InboxCounts } from "#lib/live/schema.ts";

/**
 * The signed-in frame: rail or bottom bar, skip link, keys. Pages bring their own `TopBar` and
 * `PageBody`.
 *
 * @param props.now - the server's time, ISO 8601
 */
export function StudioFrame({
  user,
  now,
  inbox,
  children,
}: {
  user: { name: string; email: string; teamId: string; teamName: string };
  now: string;
  /** How much waits for this person, at first. */
  inbox: InboxCounts;
  children: ReactNode;
}) {
  const queries = new QueryClient();
  queries.setQueryData(inboxOptions().queryKey, inbox);
  return (
    <NowProvider initialNow={now}>
      <HydrationBoundary state={dehydrate(queries)}>
        <a
          href="#main"
          className="fixed top-2 left-2 z-50 -translate-y-16 rounded-2 bg-raised px-3 py-1.5 font-label shadow-2 focus:translate-y-0"
        >
          Skip to the page
        </a>
        <div
          data-team={user.teamId}
          className="grid min-h-dvh grid-cols-1 md:grid-cols-[var(--rail)_minmax(0,1fr)] print:block"
        >
          <header className="sticky top-0 flex h-dvh flex-col gap-4 p-3 max-md:hidden print:hidden">
            <TeamMenu name={user.teamName} />
            <FindButton className="flex h-control items-center gap-2.5 rounded-2 border border-line-control bg-surface px-2 text-ink-3 transition-colors duration-hover hover:border-ink-3 hover:text-ink" />
            <RailLinks />
            <div className="mt-auto">
              <UserMenu name={user.name} email={user.email} />
            </div>
          </header>
          <main
            id="main"
            tabIndex={-1}
            className="flex min-w-0 flex-col border-line bg-surface shadow-none! max-md:min-h-dvh max-md:pb-14 md:border-l"
          >
            {children}
          </main>
        </div>
        <BottomBar />
        <Shortcuts />
        <TeamGuard teamId={user.teamId} />
        <LiveUpdates teamId={user.teamId} />
        <PaletteHost />
        <SecondFactorPrompt />
      </HydrationBoundary>
    </NowProvider>
  );
}

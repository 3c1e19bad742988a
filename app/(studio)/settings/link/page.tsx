import type { Metadata, Route } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { LinkPending } from "#components/auth/link-pending.tsx";
import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { currentUser, requirePrincipal } from "#lib/auth/current-principal.ts";
import { findPendingIdentity, listLinkedWays } from "#lib/auth/link-identity.ts";
import { offeredWays } from "#lib/auth/sign-in-ways.ts";
import { pendingTokenIn } from "#lib/auth/way-cookies.ts";
import { deps } from "#lib/deps.ts";

export const metadata: Metadata = { title: "Link your sign-in" };

export default async function LinkPage() {
  const principal = await requirePrincipal();
  const [user, { hasPassword }] = await Promise.all([
    currentUser(),
    listLinkedWays(deps(), principal),
  ]);
  const token = pendingTokenIn(await headers());
  const pending = token && (await findPendingIdentity(deps(), principal, token));
  const name = offeredWays(deps()).find(({ id }) => id === pending?.way)?.name;
  return (
    <>
      <TopBar>
        <TopBarTitle>Link your sign-in</TopBarTitle>
      </TopBar>
      <PageBody>
        {pending && name ? (
          <LinkPending
            name={name}
            email={pending.email}
            person={user.name}
            way={pending.way}
            hasPassword={hasPassword}
          />
        ) : (
          <EmptyState
            level={1}
            title="Nothing waits to be linked"
            actions={
              <Link className={buttonClass({})} href={"/settings" as Route}>
                Open Settings
              </Link>
            }
          >
            It waits for ten minutes, for the account with its address. You can link another sign-in
            from Settings at any time.
          </EmptyState>
        )}
      </PageBody>
    </>
  );
}

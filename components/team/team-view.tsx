import { Network } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { RevocationList } from "#components/connections/revocations.tsx";
import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";
import { DomainsPanel } from "#components/team/domains-panel.tsx";
import { FourEyesPanel } from "#components/team/four-eyes-panel.tsx";
import { Invitations } from "#components/team/invitations.tsx";
import { Invite } from "#components/team/invite.tsx";
import { MemberTable } from "#components/team/member-table.tsx";
import { RenameTeam } from "#components/team/rename-team.tsx";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/field.tsx";
import { Note, Section } from "#components/ui/panel.tsx";
import type { CurrentUser } from "#lib/auth/schema.ts";
import type { RevocationJson } from "#lib/grants/schema.ts";
import type { FourEyes } from "#lib/plans/schema.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";
import type { InvitationJson, MemberList, TeamDomainJson } from "#lib/team/schema.ts";

/** Who is in the team, who is invited, and what is still to end at the providers. */
export function TeamView({
  user,
  members,
  q,
  isFirstPage,
  invitations,
  domains,
  revocations,
  fourEyes,
  hasSecondFactor,
}: {
  user: CurrentUser;
  members: MemberList;
  q: string;
  isFirstPage: boolean;
  /** `null` for whoever may not see them. */
  invitations: readonly InvitationJson[] | null;
  domains: readonly TeamDomainJson[];
  revocations: readonly RevocationJson[];
  /** `null` for whoever may not see it. */
  fourEyes: FourEyes | null;
  hasSecondFactor: boolean;
}) {
  const isAdmin = invitations !== null;
  return (
    <>
      <TopBar>
        <TopBarTitle>Team</TopBarTitle>
        <Link href={"/integrations/map" as Route} className={buttonClass({ tone: "quiet" })}>
          <Network aria-hidden strokeWidth={1.5} />
          <span className="max-md:sr-only">Who is connected to what</span>
        </Link>
        {isAdmin && <Invite role={user.role} />}
      </TopBar>
      <PageBody>
        {isAdmin && !hasSecondFactor && (
          <Note className="mb-5 max-w-measure">
            Looking after people asks for a second factor.{" "}
            <Link href={"/settings" as Route} className="underline">
              Set one up in Settings
            </Link>{" "}
            first.
          </Note>
        )}
        <Section
          title={user.teamName}
          aside={
            <span className="inline-flex items-baseline gap-2">
              {members.total === 1 ? "1 person" : `${members.total} people`}
              {isAdmin && <RenameTeam name={user.teamName} />}
            </span>
          }
        >
          <search>
            <form action="/team" className="mb-3 flex max-w-measure gap-2">
              <Input
                name="q"
                defaultValue={q}
                aria-label="Search people"
                placeholder="Name or e-mail"
              />
              <Button type="submit" className="h-9">
                Search
              </Button>
            </form>
          </search>
          {members.items.length === 0 ? (
            <EmptyState title="Nobody here has that name or address">
              <Link href={"/team" as Route} className="underline">
                Show everybody
              </Link>
            </EmptyState>
          ) : (
            <MemberTable
              members={members.items}
              showsMore={mayDo({ userId: "", ...user }, "team.members.inspect")}
            />
          )}
          {(members.nextCursor !== null || !isFirstPage) && (
            <nav aria-label="Pages of people" className="mt-3 flex gap-2">
              {!isFirstPage && (
                <Link href={pageHref(q, null)} className={buttonClass({ size: "sm" })}>
                  First page
                </Link>
              )}
              {members.nextCursor !== null && (
                <Link
                  href={pageHref(q, members.nextCursor)}
                  className={buttonClass({ size: "sm" })}
                >
                  Next page
                </Link>
              )}
            </nav>
          )}
        </Section>
        {revocations.length > 0 && (
          <Section title="Still to end at the providers" aside="of people who left">
            <RevocationList revocations={revocations} showsConnection />
          </Section>
        )}
        {isAdmin && (
          <Section title="Invitations">
            <Invitations invitations={invitations} />
          </Section>
        )}
        {isAdmin && (
          <Section title="Mail domains">
            <div className="max-w-measure">
              <DomainsPanel domains={domains} />
            </div>
          </Section>
        )}
        {fourEyes !== null && (
          <Section title="Plans that want two people" isLast className="max-w-measure">
            <FourEyesPanel
              kinds={fourEyes.kinds}
              canChange={mayDo({ userId: "", ...user }, "team.four_eyes.change")}
            />
          </Section>
        )}
      </PageBody>
    </>
  );
}

function pageHref(q: string, after: string | null): Route {
  const query = new URLSearchParams({
    ...(q === "" ? {} : { q }),
    ...(after === null ? {} : { after }),
  }).toString();
  return (query === "" ? "/team" : `/team?${query}`) as Route;
}

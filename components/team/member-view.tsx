import type { Route } from "next";
import Link from "next/link";
import { browserOf } from "#components/shell/browser-of.ts";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { EndGrant, EndSessions, ResetSecondFactor } from "#components/team/member-actions.tsx";
import { RemoveMember } from "#components/team/remove-member.tsx";
import { roleNames } from "#components/team/role-words.ts";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Facts, Section } from "#components/ui/panel.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { MemberGrantJson } from "#lib/grants/schema.ts";
import type { MemberJson, MemberSessionJson } from "#lib/team/schema.ts";

/** One person of the team: what they are connected to and where they are signed in. */
export function MemberView({
  member,
  sessions,
  grants,
  mayEndGrants,
}: {
  member: MemberJson;
  sessions: readonly MemberSessionJson[];
  grants: readonly MemberGrantJson[];
  mayEndGrants: boolean;
}) {
  return (
    <>
      <TopBar>
        <Breadcrumbs crumbs={[{ name: "Team", href: "/team" as Route }, { name: member.name }]} />
        {member.canRemove && <RemoveMember member={member} />}
      </TopBar>
      <PageBody>
        <h1 className="sr-only">{member.name}</h1>
        <div className="max-w-[52rem]">
          <Section title={member.isMe ? "You" : "Person"}>
            <Facts
              items={[
                { name: "Name", value: member.name },
                { name: "E-mail", value: member.email },
                { name: "Role", value: roleNames[member.role] },
                { name: "Second factor", value: <SecondFactor member={member} /> },
                { name: "In the team since", value: <RelativeTime at={member.joinedAt} /> },
              ]}
            />
          </Section>
          <Section
            title="Connected to"
            aside={member.isMe ? undefined : "you can end these, never use them"}
          >
            {grants.length === 0 ? (
              <p className="text-ink-2">Nothing just now.</p>
            ) : (
              <ul className="divide-y divide-line border-line border-y">
                {grants.map((grant) => (
                  <li key={grant.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5">
                    <div className="min-w-0 flex-1 basis-56">
                      <p className="flex flex-wrap items-center gap-2 font-label">
                        <Link
                          href={`/integrations/${grant.connection.id}` as Route}
                          className="min-w-0 [overflow-wrap:anywhere] hover:underline"
                        >
                          {grant.connection.name}
                        </Link>
                        <EnvironmentBadge environment={grant.connection.environment} />
                      </p>
                      <p className="text-ink-3 text-xs [overflow-wrap:anywhere]">
                        as {grant.username}
                        {grant.state === "needs_reconnect" && ", needs reconnect"}, connected{" "}
                        <RelativeTime at={grant.connectedAt} />
                        {grant.lastUsedAt !== null && (
                          <>
                            , used <RelativeTime at={grant.lastUsedAt} />
                          </>
                        )}
                      </p>
                    </div>
                    {mayEndGrants && <EndGrant grant={grant} name={member.name} />}
                  </li>
                ))}
              </ul>
            )}
          </Section>
          <Section title="Sessions" aside="in this team" isLast>
            {sessions.length === 0 ? (
              <p className="text-ink-2">Not signed in just now.</p>
            ) : (
              <>
                <ul className="mb-3 divide-y divide-line border-line border-y">
                  {sessions.map((session) => (
                    <li key={session.id} className="py-2">
                      <p className="font-label">{browserOf(session.userAgent)}</p>
                      <p className="text-ink-3 text-xs">
                        {session.network !== null && (
                          <span className="mono">{session.network} · </span>
                        )}
                        used <RelativeTime at={session.lastSeenAt} />
                      </p>
                    </li>
                  ))}
                </ul>
                {!member.isMe && member.canRemove && <EndSessions member={member} />}
              </>
            )}
          </Section>
        </div>
      </PageBody>
    </>
  );
}

function SecondFactor({ member }: { member: MemberJson }) {
  if (!member.hasSecondFactor) return "None";
  return (
    <span className="inline-flex items-center gap-3">
      Has one
      {!member.isMe && member.canRemove && <ResetSecondFactor member={member} />}
    </span>
  );
}

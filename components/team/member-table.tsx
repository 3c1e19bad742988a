import { Smartphone } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { ChangeRole } from "#components/team/change-role.tsx";
import { RemoveMember } from "#components/team/remove-member.tsx";
import { roleNames } from "#components/team/role-words.ts";
import { Avatar } from "#components/ui/avatar.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { MemberJson } from "#lib/team/schema.ts";

const head = "py-2 pr-4 text-left font-text text-2xs text-ink-3";
const cell = "py-2.5 pr-4 align-middle max-md:pr-0";

/** The team's people. On a phone a row becomes name and action over role and the rest. */
export function MemberTable({
  members,
  showsMore,
}: {
  members: readonly MemberJson[];
  /** When they were here and how often: for admins. */
  showsMore: boolean;
}) {
  return (
    <table className="w-full border-line border-t max-md:block">
      <thead className="max-md:sr-only">
        <tr className="border-line border-b">
          <th scope="col" className={head}>
            Person
          </th>
          <th scope="col" className={head}>
            Role
          </th>
          <th scope="col" className={head}>
            Connected to
          </th>
          {showsMore && (
            <th scope="col" className={head}>
              Second factor
            </th>
          )}
          {showsMore && (
            <th scope="col" className={head}>
              Last seen
            </th>
          )}
          {showsMore && (
            <th scope="col" className={head}>
              Sessions
            </th>
          )}
          <th scope="col" className={cn(head, "pr-0")}>
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody className="max-md:block">
        {members.map((member) => (
          <MemberRow key={member.id} member={member} showsMore={showsMore} />
        ))}
      </tbody>
    </table>
  );
}

function MemberRow({ member, showsMore }: { member: MemberJson; showsMore: boolean }) {
  const mayLook = member.sessions !== null;
  const count = member.connections === 1 ? "1 connection" : `${member.connections} connections`;
  const href = `/team/${member.id}` as Route;
  return (
    <tr className="border-line border-b max-md:relative max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-4 max-md:gap-y-1 max-md:py-2 max-md:pl-8">
      <th
        scope="row"
        className={cn(
          cell,
          "text-left font-text max-md:-ml-8 max-md:w-[calc(100%+2rem)] max-md:py-0 max-md:pr-20",
        )}
      >
        <span className="flex items-center gap-2.5">
          <Avatar name={member.name} isMe={member.isMe} isDecorative />
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2 font-label">
              {mayLook ? (
                <Link href={href} className="[overflow-wrap:anywhere] hover:underline">
                  {member.name}
                </Link>
              ) : (
                <span className="[overflow-wrap:anywhere]">{member.name}</span>
              )}
              {member.isMe && <Badge tone="accent">You</Badge>}
            </span>
            <span className="block font-text text-ink-3 text-xs [overflow-wrap:anywhere]">
              {member.email}
            </span>
          </span>
        </span>
      </th>
      <td className={cn(cell, "max-md:py-0")}>
        {member.grantableRoles.length > 0 ? <ChangeRole member={member} /> : roleNames[member.role]}
      </td>
      <td className={cn(cell, "text-ink-2 max-md:py-0")}>
        {mayLook ? (
          <Link href={href} className="nums whitespace-nowrap hover:underline">
            {count}
          </Link>
        ) : (
          <span className="nums whitespace-nowrap">{count}</span>
        )}
      </td>
      {showsMore && (
        <td className={cn(cell, "max-md:py-0")}>
          {member.hasSecondFactor === true && (
            <Badge tone="ok">
              <Smartphone aria-hidden strokeWidth={1.5} />
              Has one
            </Badge>
          )}
          {member.hasSecondFactor === false && (
            <span className="text-ink-3">
              None<span className="md:sr-only"> as second factor</span>
            </span>
          )}
        </td>
      )}
      {showsMore && (
        <td className={cn(cell, "text-ink-2 max-md:py-0")}>
          <span className="md:sr-only">Seen </span>
          {member.lastSeenAt === null ? "never" : <RelativeTime at={member.lastSeenAt} />}
        </td>
      )}
      {showsMore && (
        <td className={cn(cell, "nums text-ink-2 max-md:py-0")}>
          {member.sessions}
          <span className="md:sr-only">{member.sessions === 1 ? " session" : " sessions"}</span>
        </td>
      )}
      <td
        className={cn(
          cell,
          "pr-0 text-right max-md:absolute max-md:top-2 max-md:right-0 max-md:py-0",
        )}
      >
        {member.canRemove && <RemoveMember member={member} />}
      </td>
    </tr>
  );
}

"use client";

import { AppWindow, Monitor } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import styles from "#components/connections/connection-table.module.css";
import type { Row } from "#components/connections/group-rows.ts";
import { lossInShort } from "#components/connections/scope-words.ts";
import { Avatar } from "#components/ui/avatar.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { useNow, useTimeZone } from "#components/ui/now.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Tooltip } from "#components/ui/tooltip.tsx";
import { healthLine, midInGroups, needsAttention, rowActions } from "#lib/connections/health.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";

const FACES = 3;
/** The short form of an org id, which orgs show too; the detail page has the long one. */
const SHORT_ID = 15;

/** One connection: glyph, name over host, environment, id, who, health over its reason, one action. */
export function ConnectionRow({ row }: { row: Row }) {
  const { connection, isNested } = row;
  const { health, myGrant } = connection;
  const isOff = health === "not_connected";
  const href = `/integrations/${connection.id}` as Route;
  return (
    <tr data-row className={cn(styles.grid, styles.row, isNested && styles.nested)}>
      <Cell className={styles.glyph}>
        <LinkGlyph state={health} />
      </Cell>
      <Cell className={cn(styles.name, "grid leading-[1.0625rem]")}>
        <Tooltip content={<span className="mono">{connection.host}</span>} side="bottom" gap={22}>
          <Link
            href={href}
            prefetch={false}
            data-row-link
            className={cn(styles.opens, "truncate font-label", isOff && "text-ink-2")}
          >
            {connection.name}
          </Link>
        </Tooltip>
        <span className={cn("truncate text-ink-3 text-xs", row.isHost && "mono text-[0.71875rem]")}>
          {row.under}
        </span>
      </Cell>
      <Cell className={styles.environment}>
        <EnvironmentBadge environment={connection.environment} />
      </Cell>
      <Cell className={cn(styles.medium, "mono truncate text-ink-2")}>{idOf(connection)}</Cell>
      <Cell className={cn(styles.wide, "truncate", isOff && "text-ink-3")}>
        {isOff || myGrant === null ? "Not connected" : myGrant.identity.username}
      </Cell>
      <Cell className={cn(styles.health, "leading-[1.0625rem]")}>
        <Health connection={connection} />
      </Cell>
      <Cell className={styles.wide}>
        <Surfaces connection={connection} />
      </Cell>
      <Cell className={styles.medium}>
        <Team grants={connection.grants} />
      </Cell>
      <Cell className={cn(styles.wide, "nums text-ink-3")}>
        {myGrant?.lastUsedAt ? (
          <RelativeTime at={myGrant.lastUsedAt} form="short" className={styles.above ?? ""} />
        ) : (
          "Never"
        )}
      </Cell>
      <Cell className={cn(styles.action, styles.above, "justify-self-end")}>
        {rowActions[health].does === "open" ? (
          <Link
            href={href}
            prefetch={false}
            aria-label={`Open ${connection.name}`}
            className={buttonClass({ tone: "quiet", size: "sm" })}
          >
            Open
          </Link>
        ) : (
          <ConnectButton
            connection={connection}
            label={rowActions[health].verb}
            tone={health === "needs_reconnect" ? "act" : "plain"}
          />
        )}
      </Cell>
    </tr>
  );
}

function Cell({
  className,
  children,
}: {
  className?: string | undefined;
  children: React.ReactNode;
}) {
  return <td className={cn("min-w-0 p-0", className)}>{children}</td>;
}

function idOf(connection: ConnectionJson): string {
  if (connection.provider === "salesforce") return connection.orgId?.slice(0, SHORT_ID) ?? "—";
  const mid = connection.accountId ?? connection.myGrant?.identity.memberId ?? null;
  return mid === null ? "Any unit" : midInGroups(mid);
}

function Health({ connection }: { connection: ConnectionJson }) {
  const now = useNow();
  const timeZone = useTimeZone();
  const { health, provider, myGrant } = connection;
  const line = healthLine(connection, now, {
    timeZone,
    loss: lossInShort(provider, myGrant?.missingScopes ?? []),
  });
  return (
    <>
      <span
        className={cn(
          "block truncate font-label",
          needsAttention(health) ? "text-warn-ink" : "text-ink-2",
          ["needs_reconnect", "app_refused"].includes(health) && "text-danger-ink",
          health === "not_connected" && "text-ink-3",
        )}
      >
        {line.headline}
      </span>
      <span className="block truncate text-ink-3 text-xs max-md:hidden">{line.detail}</span>
    </>
  );
}

function Surfaces({ connection }: { connection: ConnectionJson }) {
  const kinds = [
    { surface: "web", name: "Web", icon: AppWindow },
    { surface: "desktop", name: "Desktop", icon: Monitor },
  ] as const;
  return (
    <span className="flex gap-[5px] text-ink-3">
      {kinds.map(({ surface, name, icon: Icon }) => {
        const isSetUp = connection.surfaces.includes(surface);
        return (
          <span key={surface} title={isSetUp ? name : `${name} not set up`}>
            <Icon
              aria-hidden
              strokeWidth={1.5}
              className={cn("size-[15px]", !isSetUp && "opacity-30")}
            />
            <span className="sr-only">{isSetUp ? name : `${name} not set up`}</span>
          </span>
        );
      })}
    </span>
  );
}

function Team({ grants }: { grants: ConnectionJson["grants"] }) {
  const connected = grants
    .filter((grant) => grant.state !== "disconnected")
    .sort((a, b) => Number(b.isMine) - Number(a.isMine));
  if (connected.length === 0) return <span className="text-ink-3">None</span>;
  const more = connected.length - FACES;
  return (
    <span className="flex items-center gap-0.5">
      {connected.slice(0, more > 0 ? FACES - 1 : FACES).map(({ user, isMine }) => (
        <Avatar key={user.id} name={user.name} isMe={isMine} size="sm" />
      ))}
      {more > 0 && <span className="nums pl-0.5 text-2xs text-ink-3">+{more + 1}</span>}
    </span>
  );
}

"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { beginWay } from "#components/auth/begin-way.ts";
import { useConfirmed } from "#components/auth/use-confirmed.tsx";
import { callApi } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { FieldError, Help } from "#components/ui/field.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { LinkedWay, OfferedWay } from "#lib/auth/schema.ts";

export type WaysPanelProps = {
  hasPassword: boolean;
  linked: readonly LinkedWay[];
  offered: readonly OfferedWay[];
};

/** How the person can sign in: each way can be taken away but the last, and others linked. */
export function WaysPanel({ hasPassword, linked, offered }: WaysPanelProps) {
  const router = useRouter();
  const { run, busy, problem, dialog } = useConfirmed(hasPassword);
  const ways = linked.filter(({ isOffered }) => isOffered).length + (hasPassword ? 1 : 0);
  const others = offered.filter(({ id }) => !linked.some(({ way }) => way === id));
  const unlink = (way: LinkedWay) =>
    run(way.id, async () => {
      await callApi(`/api/sign-in-ways/${way.id}`, null, { method: "DELETE" });
      sayDone(`${way.name} removed; other sessions have ended`);
      router.refresh();
    });
  return (
    <div className="grid gap-3">
      <ul className="divide-y divide-line">
        {hasPassword && (
          <WayLine title="E-mail and password">
            <span className="text-ink-3 text-xs">change it below</span>
          </WayLine>
        )}
        {linked.map((way) => (
          <WayLine
            key={way.id}
            title={way.name}
            badge={way.isOffered ? null : <Badge>switched off</Badge>}
            about={
              <>
                {way.email !== null && <>{way.email} · </>}
                used <RelativeTime at={way.lastUsedAt} />
              </>
            }
          >
            {(ways > 1 || !way.isOffered) && (
              <Button
                size="sm"
                isBusy={busy === way.id}
                busyLabel="Removing"
                aria-label={`Remove ${way.name}`}
                onClick={() => void unlink(way)}
              >
                Remove
              </Button>
            )}
          </WayLine>
        ))}
      </ul>
      {ways === 1 && <Help>This is your only way in. Link another one before you remove it.</Help>}
      {others.length > 0 && (
        <div className="flex flex-wrap gap-2">
          {others.map((way) => (
            <Button
              key={way.id}
              isBusy={busy === way.id}
              busyLabel={`Going to ${way.name}`}
              onClick={() =>
                void run(way.id, async () => {
                  await beginWay(way.id, { intent: "link", returnTo: "/settings" });
                  return "leaves";
                })
              }
            >
              Link {way.name}
            </Button>
          ))}
        </div>
      )}
      {problem !== null && (
        <div role="alert">
          <FieldError>{problem}</FieldError>
        </div>
      )}
      {dialog}
    </div>
  );
}

function WayLine({
  title,
  badge = null,
  about,
  children,
}: {
  title: string;
  badge?: ReactNode;
  about?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <li className="flex items-center gap-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-label">
          {title}
          {badge}
        </p>
        {about !== undefined && (
          <p className="text-ink-3 text-xs [overflow-wrap:anywhere]">{about}</p>
        )}
      </div>
      {children}
    </li>
  );
}

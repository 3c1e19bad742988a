"use client";

import type { ReactNode } from "react";
import { ConnectButton } from "#components/connections/connect-button.tsx";
import { unreadyWords } from "#components/plans/plan-words.ts";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import type { PlanJson } from "#lib/plans/schema.ts";

type Unready = PlanJson["unready"][number];
type Of = Pick<PlanJson, "id" | "isMine" | "owner" | "targets" | "unready">;

/** What stands in the way at one org of a plan, and for its owner the way out; null where nothing does. */
export function troubleAt(
  plan: Of,
  { connectionId, name }: { connectionId: string; name: string },
) {
  const found = plan.unready.find((each) => each.connectionId === connectionId);
  return found === undefined ? null : <Trouble plan={plan} name={name} {...found} />;
}

function Trouble({ plan, name, connectionId, why }: { plan: Of; name: string } & Unready) {
  return (
    <span className="flex flex-wrap items-center gap-2 font-label text-danger-ink text-sm">
      <LinkGlyph state={why === "not_connected" ? "not_connected" : "needs_reconnect"} />
      {unreadyWords[why]}
      {plan.isMine && (
        <ConnectButton
          // One that cannot be made in a browser is refused with what to do instead.
          connection={{ id: connectionId, name, surfaces: ["web"] }}
          label={why === "not_connected" ? "Connect" : "Reconnect"}
          tone="act"
          returnTo={`/plans/${plan.id}`}
        />
      )}
    </span>
  );
}

/** Beside the decision: orgs where the plan would stop as things stand. */
export function UnreadyNote({ plan }: { plan: Of }): ReactNode {
  if (plan.unready.length === 0) return null;
  return (
    <div className="rounded-2 border border-danger-line bg-[color-mix(in_oklab,var(--danger-tint)_50%,var(--surface))] p-2.5 text-xs">
      <p className="font-label">It would stop at</p>
      <ul className="mt-1 grid gap-1.5">
        {plan.unready.map((each) => {
          const { connectionId } = each;
          const name = plan.targets.find((one) => one.connectionId === connectionId)?.name ?? "";
          return (
            <li key={connectionId} className="grid gap-1">
              <span className="[overflow-wrap:anywhere]">
                <PlainText text={name} />
              </span>
              <Trouble plan={plan} name={name} {...each} />
              {each.why === "another_identity" && (
                <span className="text-ink-2">
                  Sign in as before, or ask for the plan again: it is made for one user there.
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {!plan.isMine && (
        <p className="mt-1.5 text-ink-2">Only {plan.owner.name} can sign in there again.</p>
      )}
    </div>
  );
}

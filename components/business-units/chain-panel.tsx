"use client";

import { standingOf } from "#components/business-units/unit-words.ts";
import type { UnitsChain } from "#components/business-units/use-units-chain.ts";
import { Button } from "#components/ui/button.tsx";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { midInGroups } from "#lib/connections/health.ts";
import type { BusinessUnitJson } from "#lib/grants/schema.ts";

/** How the units that were asked for stand, and what is next; nothing while none was asked for. */
export function ChainPanel({
  chain,
  items,
}: {
  chain: UnitsChain;
  items: readonly BusinessUnitJson[];
}) {
  if (chain.chain === null) {
    return chain.skipped.length === 0 ? null : (
      <Panel tone="warn" titleLevel={2} title="Nothing was connected" className="mb-4">
        <SkippedUnits skipped={chain.skipped} items={items} />
      </Panel>
    );
  }
  const { asked, left, skipped } = chain.chain;
  const byMid = new Map(items.map((unit) => [unit.accountId, unit]));
  const nameOf = (mid: number) => byMid.get(mid)?.name || `MID ${midInGroups(mid)}`;
  const isConnected = (mid: number) => byMid.get(mid)?.connection?.state === "connected";
  const connected = asked.filter(isConnected).length;
  const done = asked.filter((mid) => !left.includes(mid));
  const [next] = left;
  const isOver = next === undefined;
  const summary = `${connected} of ${asked.length} connected`;
  return (
    <Panel
      tone={isOver && connected < asked.length ? "warn" : "accent"}
      titleLevel={2}
      title={
        isOver
          ? connected === asked.length
            ? `All ${asked.length} connected`
            : summary
          : chain.isCarryingOn || chain.isBusy
            ? `Next: ${nameOf(next)}`
            : `${left.length} ${left.length === 1 ? "unit is" : "units are"} left to sign in to`
      }
      className="mb-4"
    >
      <p role="status" className="text-sm">
        {isOver
          ? connected === asked.length
            ? "Each unit was proven by its own MID."
            : "What did not connect says why below. Retry it there, or leave it for later."
          : chain.isCarryingOn
            ? `${summary} so far. Going on by itself in a moment.`
            : chain.isBusy
              ? "Opening the sign-in."
              : `${summary} so far. Next is ${nameOf(next)}.`}
      </p>
      {done.length > 0 && (
        <ul className="mt-2 grid gap-1">
          {done.map((mid) => {
            const unit = byMid.get(mid);
            const standing = unit && standingOf(unit);
            return (
              <li key={mid} className="flex flex-wrap items-center gap-x-2">
                <LinkGlyph state={standing?.glyph ?? "not_connected"} />
                <span className="font-label">{nameOf(mid)}</span>
                <span className={standing?.tone === "warn" ? "text-warn-ink" : "text-ink-2"}>
                  {standing?.words ?? "Not listed any more"}
                </span>
                {standing?.detail && <span className="text-ink-3 text-xs">{standing.detail}</span>}
              </li>
            );
          })}
        </ul>
      )}
      <SkippedUnits skipped={skipped} items={items} />
      <div className="mt-3 flex flex-wrap gap-2">
        {!isOver && chain.isCarryingOn && <Button onClick={chain.stop}>Stop here</Button>}
        {!isOver && !chain.isCarryingOn && (
          <Button tone="primary" isBusy={chain.isBusy} onClick={chain.carryOn}>
            Carry on
          </Button>
        )}
        {!chain.isCarryingOn && (
          <Button tone="quiet" onClick={chain.forget}>
            {isOver ? "Done" : "Leave them for later"}
          </Button>
        )}
      </div>
    </Panel>
  );
}

const skippedWords = {
  not_found: "is not in the tenant any more",
  inactive: "is switched off in the tenant",
};

function SkippedUnits({
  skipped,
  items,
}: {
  skipped: UnitsChain["skipped"];
  items: readonly BusinessUnitJson[];
}) {
  if (skipped.length === 0) return null;
  return (
    <ul className="mt-2 grid gap-1">
      {skipped.map(({ accountId, why }) => (
        <li key={accountId}>
          <span className="font-label">
            {items.find((unit) => unit.accountId === accountId)?.name ?? midInGroups(accountId)}
          </span>{" "}
          {skippedWords[why]}
        </li>
      ))}
    </ul>
  );
}

"use client";

import type { Route } from "next";
import Link from "next/link";
import { standingOf } from "#components/business-units/unit-words.ts";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { cn } from "#components/ui/cn.ts";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { midInGroups } from "#lib/connections/health.ts";
import type { BusinessUnitJson } from "#lib/grants/schema.ts";

/** Deeper units stand no further in than this. */
const DEEPEST = 5;
const STEP_REM = 1.25;

/** One unit: tick, name in its place in the tree, MID, how it stands with me, one action. */
export function UnitRow({
  unit,
  under,
  isFlat,
  isTicked,
  isBusy,
  onTick,
  onRetry,
}: {
  unit: BusinessUnitJson;
  /** Name of its parent, where the tree around it is not shown. */
  under: string | null;
  isFlat: boolean;
  isTicked: boolean;
  isBusy: boolean;
  onTick: (isOn: boolean) => void;
  onRetry: () => void;
}) {
  const { accountId, connection } = unit;
  const name = unit.name === "" ? `Business unit ${accountId}` : unit.name;
  const standing = standingOf(unit);
  const depth = isFlat ? 0 : Math.min(unit.depth, DEEPEST);
  return (
    <tr
      className={cn(
        "h-row border-line border-b hover:bg-hover max-md:grid max-md:h-auto max-md:grid-cols-[1.75rem_minmax(0,1fr)_auto] max-md:gap-x-2 max-md:px-4 max-md:py-2.5",
        isTicked && "bg-selected",
      )}
    >
      <td className="p-0 align-middle max-md:row-span-2 max-md:pt-0.5">
        <Checkbox
          className="block"
          aria-label={`${name}, MID ${accountId}`}
          checked={isTicked && standing.canConnect}
          disabled={!standing.canConnect}
          onChange={(event) => onTick(event.target.checked)}
        />
      </td>
      <td className="min-w-0 p-0 align-middle" style={{ paddingLeft: `${depth * STEP_REM}rem` }}>
        <span className="relative block [overflow-wrap:anywhere]">
          {depth > 0 && (
            <span
              aria-hidden
              className="absolute -top-2 -left-3.5 h-[1.1rem] w-2.5 rounded-bl-[5px] border-line-strong border-b border-l"
            />
          )}
          <span className={cn("font-label", !unit.isActive && "font-text text-ink-3")}>{name}</span>
          {under !== null && <span className="block text-ink-3 text-xs">in {under}</span>}
          {connection !== null && connection.name !== name && (
            <span className="block text-ink-3 text-xs">Connection “{connection.name}”</span>
          )}
        </span>
      </td>
      <td className="mono whitespace-nowrap p-0 pr-4 align-middle text-ink-2 max-md:order-3 max-md:hidden">
        {midInGroups(accountId)}
      </td>
      <td className="p-0 pr-3 align-middle max-md:col-start-2 max-md:row-start-2">
        <span className="flex items-center gap-2 max-md:items-start">
          <LinkGlyph state={standing.glyph} className="max-md:mt-0.5" />
          <span className="min-w-0 leading-[1.0625rem]">
            <span
              className={cn(
                "block text-ink-3",
                standing.tone === "good" && "font-label text-ink-2",
                standing.tone === "warn" && "font-label text-warn-ink",
              )}
            >
              {standing.words}
            </span>
            {standing.detail !== null && (
              <span className="block text-ink-3 text-xs [overflow-wrap:anywhere]">
                {standing.detail}
              </span>
            )}
            <span className="mono block text-ink-3 text-xs md:hidden">
              MID {midInGroups(accountId)}
            </span>
          </span>
        </span>
      </td>
      <td className="whitespace-nowrap p-0 text-right align-middle max-md:col-start-3 max-md:row-start-1">
        {standing.canConnect && connection !== null && (
          <Button
            size="sm"
            tone={standing.didFail ? "act" : "plain"}
            isBusy={isBusy}
            aria-label={`${standing.didFail ? "Retry" : "Connect"} ${name}`}
            onClick={onRetry}
          >
            {standing.didFail ? "Retry" : "Connect"}
          </Button>
        )}
        {connection !== null && !standing.canConnect && (
          <Link
            href={`/integrations/${connection.id}` as Route}
            prefetch={false}
            aria-label={`Open ${connection.name}`}
            className={buttonClass({ tone: "quiet", size: "sm" })}
          >
            Open
          </Link>
        )}
      </td>
    </tr>
  );
}

"use client";

import { Search } from "lucide-react";
import type { Route } from "next";
import { useId, useMemo, useState } from "react";
import { ChainPanel } from "#components/business-units/chain-panel.tsx";
import { ListingProblem, type UnitsProblem } from "#components/business-units/listing-problem.tsx";
import { UnitRow } from "#components/business-units/unit-row.tsx";
import { standingOf } from "#components/business-units/unit-words.ts";
import { useUnitsChain } from "#components/business-units/use-units-chain.ts";
import { Breadcrumbs, Lead, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { FieldError, Help } from "#components/ui/field.tsx";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import type { BusinessUnitJson } from "#lib/grants/schema.ts";

const heads = [
  ["Unit", ""],
  ["MID", "w-32"],
  ["State", "w-72"],
] as const;
const SHOWN_AT_ONCE = 100;
/** The studio takes so many at a time. */
const MOST_AT_ONCE = 200;

/**
 * A tenant's business units: tick several, sign in to one after another.
 *
 * @param props.problem - why the tree could not be read; `items` are then what the team has already
 * @param props.returned - the flow that just ended, from the address
 */
export function UnitsView({
  connection,
  items,
  isWhole,
  problem,
  returned,
}: {
  connection: Pick<ConnectionJson, "id" | "name" | "groupName" | "environment">;
  items: readonly BusinessUnitJson[];
  isWhole: boolean;
  problem: UnitsProblem | null;
  returned: string | null;
}) {
  const chain = useUnitsChain({ connectionId: connection.id, items, returned });
  const [ticked, setTicked] = useState<ReadonlySet<number>>(new Set());
  const [search, setSearch] = useState("");
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const searchId = useId();
  const names = useMemo(() => new Map(items.map((unit) => [unit.accountId, unit.name])), [items]);
  const matching = useMemo(() => matchingUnits(items, search), [items, search]);
  const page = matching.slice(0, shown);
  const open = matching.filter((unit) => standingOf(unit).canConnect);
  const areAllTicked = open.length > 0 && open.every(({ accountId }) => ticked.has(accountId));

  const tick = (mids: readonly number[], isOn: boolean) =>
    setTicked((before) => {
      const next = new Set(before);
      for (const mid of mids) {
        if (isOn && next.size < MOST_AT_ONCE) next.add(mid);
        if (!isOn) next.delete(mid);
      }
      return next;
    });
  const connectWords =
    ticked.size === 0
      ? "Connect units"
      : `Connect ${ticked.size} ${ticked.size === 1 ? "unit" : "units"}`;
  const isTicking = chain.chain === null || chain.chain.left.length === 0;

  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" },
            { name: connection.name, href: `/integrations/${connection.id}` as Route },
            { name: "Business units" },
          ]}
        />
        <Button
          tone={isTicking ? "primary" : "plain"}
          disabled={ticked.size === 0}
          isBusy={chain.isBusy}
          busyLabel="Opening sign-in"
          onClick={() => void chain.connect(items.flatMap(tickedMid(ticked)))}
        >
          {connectWords}
        </Button>
      </TopBar>
      <PageBody>
        <div className="max-w-[60rem]">
          <div className="mb-4">
            <h1 className="flex flex-wrap items-center gap-2.5 text-xl tracking-[-0.018em]">
              Business units of {connection.groupName}
              <EnvironmentBadge environment={connection.environment} />
            </h1>
            <Lead>
              Each unit is signed in to on its own, in this tab, one after another. You can stop
              between any two.
            </Lead>
          </div>
          {problem !== null && (
            <ListingProblem
              problem={problem}
              hasUnits={items.length > 0}
              isBusy={chain.isBusy}
              onReconnect={() => void chain.reconnect()}
            />
          )}
          <ChainPanel chain={chain} items={items} />
          {chain.error !== null && (
            <div role="alert" className="mb-4">
              <FieldError>{chain.error}</FieldError>
            </div>
          )}
          {items.length > 0 && (
            <>
              <div className="mb-2 flex flex-wrap items-center gap-3">
                <label
                  htmlFor={searchId}
                  className="flex h-control w-full items-center gap-2 rounded-2 border border-line-control bg-surface px-2.5 text-ink-3 focus-within:border-transparent focus-within:shadow-(--focus-ring) md:w-72"
                >
                  <Search aria-hidden strokeWidth={1.5} className="size-4 shrink-0" />
                  <span className="sr-only">Search units</span>
                  <input
                    id={searchId}
                    type="search"
                    data-search
                    placeholder="Name or MID"
                    maxLength={200}
                    value={search}
                    onChange={(event) => {
                      setSearch(event.target.value);
                      setShown(SHOWN_AT_ONCE);
                    }}
                    className="min-w-0 flex-1 bg-transparent text-ink shadow-none! pointer-coarse:text-lg"
                  />
                </label>
                <p role="status" className="nums text-ink-3 text-xs">
                  {countWords(items, matching.length, search !== "")}
                </p>
                {ticked.size > 0 && (
                  <Button tone="quiet" size="sm" onClick={() => setTicked(new Set())}>
                    Untick all
                  </Button>
                )}
              </div>
              {ticked.size >= MOST_AT_ONCE && (
                <Help className="mb-2">{MOST_AT_ONCE} units at once are the most.</Help>
              )}
              {!isWhole && (
                <Help className="mb-2">
                  The tenant has more units than are listed here. Add a missing one by its MID.
                </Help>
              )}
            </>
          )}
          {page.length > 0 && (
            <table
              aria-label="Business units"
              className="-mx-4 block md:mx-0 md:table md:w-full md:table-fixed md:border-collapse"
            >
              <thead className="max-md:sr-only">
                <tr className="h-row-head border-line border-b text-2xs text-ink-3 tracking-none">
                  <th scope="col" className="w-9 text-left">
                    <Checkbox
                      className="block"
                      aria-label={search === "" ? "Tick all units" : "Tick all units that match"}
                      disabled={open.length === 0}
                      checked={areAllTicked}
                      onChange={(event) =>
                        tick(
                          open.map(({ accountId }) => accountId),
                          event.target.checked,
                        )
                      }
                    />
                  </th>
                  {heads.map(([head, width]) => (
                    <th key={head} scope="col" className={cn("p-0 text-left font-label", width)}>
                      {head}
                    </th>
                  ))}
                  <th scope="col" className="w-24">
                    <span className="sr-only">Action</span>
                  </th>
                </tr>
              </thead>
              <tbody className="max-md:block">
                {page.map((unit) => (
                  <UnitRow
                    key={unit.accountId}
                    unit={unit}
                    under={
                      search !== "" && unit.parentId !== null
                        ? (names.get(unit.parentId) ?? null)
                        : null
                    }
                    isFlat={search !== ""}
                    isTicked={ticked.has(unit.accountId)}
                    isBusy={chain.isBusy}
                    onTick={(isOn) => tick([unit.accountId], isOn)}
                    onRetry={() => void chain.connect([unit.accountId])}
                  />
                ))}
              </tbody>
            </table>
          )}
          {matching.length > page.length && (
            <div className="py-4">
              <Button onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
                Show {Math.min(SHOWN_AT_ONCE, matching.length - page.length)} more of{" "}
                {(matching.length - page.length).toLocaleString("en-US")}
              </Button>
            </div>
          )}
          {items.length > 0 && matching.length === 0 && (
            <EmptyState
              title="No unit matches"
              actions={<Button onClick={() => setSearch("")}>Clear the search</Button>}
            >
              Try part of a name, or the whole MID.
            </EmptyState>
          )}
        </div>
      </PageBody>
    </>
  );
}

const tickedMid =
  (ticked: ReadonlySet<number>) =>
  ({ accountId }: BusinessUnitJson): number[] =>
    ticked.has(accountId) ? [accountId] : [];

function matchingUnits(
  items: readonly BusinessUnitJson[],
  search: string,
): readonly BusinessUnitJson[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === "") return items;
  const digits = wanted.replaceAll(/\s/g, "");
  return items.filter(
    ({ name, accountId }) =>
      name.toLowerCase().includes(wanted) ||
      (/^\d+$/.test(digits) && String(accountId).includes(digits)),
  );
}

function countWords(items: readonly BusinessUnitJson[], found: number, isSearch: boolean): string {
  const connected = items.filter(({ connection }) => connection?.state === "connected").length;
  const number = (count: number) => count.toLocaleString("en-US");
  if (isSearch) return `${number(found)} of ${number(items.length)} match`;
  return `${number(items.length)} ${items.length === 1 ? "unit" : "units"} · ${number(connected)} connected`;
}

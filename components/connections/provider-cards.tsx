import { Plus } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { ProviderIcon, providerNames } from "#components/connections/provider-icon.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { countInWords, needsAttention, worstHealth } from "#lib/connections/health.ts";
import type { ConnectionSummary, HealthKind } from "#lib/connections/schema.ts";
import { type ProviderName, providers } from "#lib/providers/vocabulary.ts";

type ProviderSummary = ConnectionSummary["byProvider"][ProviderName];

const words = {
  salesforce: { one: "org", many: "orgs", group: "company", groups: "companies", add: "org" },
  "marketing-cloud": {
    one: "business unit",
    many: "business units",
    group: "tenant",
    groups: "tenants",
    add: "unit",
  },
} as const;

const counted = (count: number, one: string, many: string) =>
  `${count} ${count === 1 ? one : many}`;

/** One card a provider: how many, how they are doing, and the way to connect another. */
export function ProviderCards({ summary }: { summary: ConnectionSummary }) {
  return (
    <section aria-label="Providers" className="mb-5 grid gap-4 max-md:gap-2.5 md:grid-cols-2">
      {providers.map((provider) => (
        <ProviderCard key={provider} provider={provider} summary={summary.byProvider[provider]} />
      ))}
    </section>
  );
}

function ProviderCard({ provider, summary }: { provider: ProviderName; summary: ProviderSummary }) {
  const word = words[provider];
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)_auto] content-start items-center gap-x-3 gap-y-1 rounded-3 border border-line bg-raised p-4 shadow-1">
      <span className="grid size-8 place-items-center rounded-2 border border-line bg-chip text-ink-2">
        <ProviderIcon provider={provider} className="size-[18px]" />
      </span>
      <div className="min-w-0">
        <h2 className="truncate text-md">{providerNames[provider]}</h2>
        <p className="nums text-ink-3 text-xs">
          {counted(summary.total, word.one, word.many)} ·{" "}
          {counted(summary.groups, word.group, word.groups)} · {summary.mine} yours
        </p>
      </div>
      <Link
        href={`/integrations/new?provider=${provider}` as Route}
        className={buttonClass({ size: "sm", className: "max-md:size-control max-md:px-0" })}
      >
        <Plus aria-hidden strokeWidth={1.5} />
        <span className="max-md:sr-only">Connect {word.add}</span>
      </Link>
      <Weave groups={summary.weave} />
      <Worst summary={summary} />
    </div>
  );
}

const threads: Record<HealthKind, string> = {
  connected: "h-3.5 bg-[light-dark(oklch(0.72_0.06_190),oklch(0.5_0.06_192))]",
  idle_soon: "h-5 bg-warn-solid",
  refresh_failing: "h-5 bg-warn-solid",
  missing_scopes: "h-5 bg-warn-solid",
  app_refused: "h-5 bg-danger-solid",
  needs_reconnect: "h-5 bg-danger-solid",
  not_connected: "h-3.5 border border-line-control bg-raised",
};

/** One upright thread per connection, woven over each company's or tenant's own line. */
function Weave({ groups }: { groups: ProviderSummary["weave"] }) {
  return (
    <div aria-hidden className="col-span-full mt-3 flex min-w-0 gap-4 overflow-hidden">
      {groups.map((group) => (
        <div
          key={group.groupKey}
          className="grid min-w-12 gap-[5px]"
          // The longer a company's list, the longer its line.
          style={{ flex: `${Math.max(2, group.health.length)} 1 0` }}
        >
          <div className="relative flex h-5 items-center gap-[5px] overflow-hidden pl-1.5">
            <span className="absolute inset-x-0 top-1/2 h-px bg-line-strong" />
            {group.health.map((health, index) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: threads have no names
                key={index}
                className={cn(
                  "relative w-[5px] shrink-0 rounded-[2px] shadow-[0_0_0_2px_var(--raised)]",
                  threads[health],
                )}
              />
            ))}
          </div>
          <span className="truncate text-2xs text-ink-3 tracking-none">{group.groupName}</span>
        </div>
      ))}
      {groups.length === 0 && (
        <div className="grid flex-1 gap-[5px]">
          <div className="flex h-5 items-center">
            <span className="h-0 flex-1 border-line-strong border-t border-dashed" />
          </div>
          <span className="text-2xs text-ink-3">No connection yet</span>
        </div>
      )}
    </div>
  );
}

function Worst({ summary }: { summary: ProviderSummary }) {
  const worst = worstHealth(summary.health);
  if (worst === null) return null;
  const isTrouble = needsAttention(worst);
  const tone = worst === "needs_reconnect" ? "text-danger-ink" : "text-warn-ink";
  const where = summary.weave
    .filter((group) => group.health.includes(worst))
    .map((group) => group.groupName);
  return (
    <p className="col-span-full mt-2 flex min-w-0 items-center gap-2 text-xs">
      <LinkGlyph state={isTrouble || summary.mine === 0 ? worst : "connected"} />
      {isTrouble ? (
        <span className="min-w-0 truncate">
          <span className={cn("font-label", tone)}>
            Worst: {countInWords(worst, summary.health[worst])}
          </span>{" "}
          <span className="text-ink-3">{where.slice(0, 2).join(", ")}</span>
        </span>
      ) : (
        <span className="text-ink-2">
          {summary.mine === 0 ? "None connected by you yet" : "All of yours are connected"}
        </span>
      )}
    </p>
  );
}

"use client";

import { ChevronDown, Plus, X } from "lucide-react";
import { useQueryStates } from "nuqs";
import type { ComponentProps, ReactNode } from "react";
import { isFiltered, listParsers } from "#components/connections/search-params.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EnvironmentBadge, environmentWords } from "#components/ui/environment-badge.tsx";
import { LinkGlyph } from "#components/ui/link-glyph.tsx";
import { useLazyMenu } from "#components/ui/use-lazy-menu.ts";
import { healthWords, worstFirst } from "#lib/connections/health.ts";
import type { ConnectionSummary } from "#lib/connections/schema.ts";
import { environments, type ProviderName } from "#lib/providers/vocabulary.ts";

/** Provider, health and environment, all of it kept in the address. */
export function Filters({ summary }: { summary: ConnectionSummary }) {
  const [state, setState] = useQueryStates(listParsers, { history: "push" });
  const segments: { name: string; provider: ProviderName | null; count: number }[] = [
    { name: "All", provider: null, count: summary.total },
    {
      name: "Salesforce",
      provider: "salesforce",
      count: summary.byProvider.salesforce.total,
    },
    {
      name: "Marketing Cloud",
      provider: "marketing-cloud",
      count: summary.byProvider["marketing-cloud"].total,
    },
  ];
  return (
    // Room for a focus ring, which scrolling sideways would cut.
    <div className="-m-1 mb-1 flex flex-wrap items-center gap-2 p-1 max-md:-mr-4 max-md:flex-nowrap max-md:overflow-x-auto max-md:pr-4 max-md:[scrollbar-width:none]">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would announce itself as a form's */}
      <div
        role="group"
        aria-label="Provider"
        className="inline-flex shrink-0 rounded-2 border border-line bg-sunken p-0.5"
      >
        {segments.map((segment) => (
          <button
            key={segment.name}
            type="button"
            aria-pressed={state.provider === segment.provider}
            onClick={() => void setState({ provider: segment.provider, page: null })}
            className="inline-flex h-6 items-center gap-1 whitespace-nowrap rounded-1 px-2.5 font-label text-ink-2 text-xs aria-pressed:bg-raised aria-pressed:text-ink aria-pressed:shadow-[var(--shadow-1),0_0_0_1px_var(--line)] pointer-coarse:h-9"
          >
            {segment.name}
            <span className="nums font-text text-ink-3">{segment.count}</span>
          </button>
        ))}
      </div>
      <FilterMenu
        name="Health"
        chosen={state.health}
        words={healthWords}
        options={worstFirst}
        render={(health) => (
          <>
            <LinkGlyph state={health} />
            {healthWords[health]}
            <span className="nums ml-auto pl-4 text-ink-3 text-xs">{summary.health[health]}</span>
          </>
        )}
        onChange={(health) => void setState({ health, page: null })}
      />
      <FilterMenu
        name="Environment"
        chosen={state.environment}
        words={environmentWords}
        options={environments}
        render={(environment) => <EnvironmentBadge environment={environment} />}
        onChange={(environment) => void setState({ environment, page: null })}
      />
      {isFiltered(state) && (
        <Button tone="quiet" size="sm" onClick={() => void setState(null)}>
          <X aria-hidden strokeWidth={1.5} />
          Clear
        </Button>
      )}
      <span className="ml-auto shrink-0 text-ink-3 text-xs max-lg:hidden">
        Grouped by company and tenant, attention first
      </span>
    </div>
  );
}

const load = async () =>
  (await import("#components/connections/filter-menu-list.tsx")).FilterMenuList;

function FilterMenu<T extends string>({
  name,
  chosen,
  options,
  words,
  render,
  onChange,
}: {
  name: string;
  chosen: readonly T[];
  options: readonly T[];
  words: Readonly<Record<T, string>>;
  render: (option: T) => ReactNode;
  onChange: (chosen: T[] | null) => void;
}) {
  const { menu: List, trigger } = useLazyMenu(load);
  const [first] = chosen;
  const said = first === undefined ? null : chosen.length === 1 ? words[first] : chosen.length;
  if (List === null) return <FilterTrigger name={name} said={said} {...trigger} />;
  return (
    <List
      trigger={<FilterTrigger name={name} said={said} />}
      options={options.map((option) => ({
        value: option,
        label: render(option),
        isChosen: chosen.includes(option),
      }))}
      onToggle={(value, isChosen) => {
        const next = options.filter((other) =>
          other === value ? isChosen : chosen.includes(other),
        );
        onChange(next.length === 0 ? null : next);
      }}
    />
  );
}

function FilterTrigger({
  name,
  said,
  ...rest
}: {
  name: string;
  /** What is chosen, in a word or a number; null when nothing is. */
  said: ReactNode;
} & ComponentProps<"button">) {
  return (
    <button
      {...rest}
      type="button"
      className={cn(
        "inline-flex h-7 shrink-0 items-center gap-1.5 rounded-2 border border-line-strong border-dashed px-2 text-ink-2 text-xs transition-colors duration-hover hover:bg-hover pointer-coarse:h-10 [&_svg]:size-3",
        said !== null && "border-solid bg-raised text-ink",
      )}
    >
      {said === null ? (
        <>
          <Plus aria-hidden strokeWidth={1.5} />
          {name}
        </>
      ) : (
        <>
          {name}
          <span aria-hidden className="h-3 w-px bg-line-strong" />
          <span className="font-label">{said}</span>
          <ChevronDown aria-hidden strokeWidth={1.5} className="text-ink-3" />
        </>
      )}
    </button>
  );
}

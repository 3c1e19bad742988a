"use client";

import { Download } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { activityParsers, toFilters, toSearch } from "#components/activity/search-params.ts";
import { buttonClass } from "#components/ui/button.tsx";
import { useNow } from "#components/ui/now.tsx";
import { Tooltip } from "#components/ui/tooltip.tsx";

/** What the list shows, as a file: the browser streams it to disk. Asks for a second factor (WEB-11). */
export function ExportMenu({ hasSecondFactor }: { hasSecondFactor: boolean }) {
  const [state] = useQueryStates(activityParsers);
  const filters = toFilters(state, useNow());
  if (!hasSecondFactor) {
    return (
      <Tooltip content="Exporting asks for a second factor. Set one up first.">
        <Link href={"/settings" as Route} className={buttonClass()}>
          <Download aria-hidden strokeWidth={1.5} />
          Export
          <span className="sr-only">: set up a second factor first</span>
        </Link>
      </Tooltip>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would announce itself as a form's
    <div role="group" aria-label="Export" className="flex shrink-0 gap-1">
      {(["csv", "ndjson"] as const).map((format) => (
        <a
          key={format}
          href={`/api/audit/export${toSearch({ ...filters, format })}`}
          download
          className={buttonClass({ className: "max-md:px-2" })}
        >
          <Download aria-hidden strokeWidth={1.5} className="max-md:hidden" />
          <span className="sr-only">Export as </span>
          {format.toUpperCase()}
        </a>
      ))}
    </div>
  );
}

"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { unitsCountOptions } from "#components/business-units/queries.ts";
import { countOfUnits, whyNoUnits } from "#components/business-units/unit-words.ts";
import { unitsPath } from "#components/connect/units-return.ts";
import { problemWords } from "#components/ui/api.ts";
import { buttonClass } from "#components/ui/button.tsx";
import type { GrantJson } from "#lib/connections/schema.ts";

/** Offers the tenant's other units, or says why they cannot be listed with this sign-in. */
export function UnitsOffer({
  connectionId,
  grant,
}: {
  connectionId: string;
  grant: GrantJson | null;
}) {
  const why = whyNoUnits(grant);
  const count = useQuery({ ...unitsCountOptions(connectionId), enabled: why === null });
  if (why !== null) return <p className="text-ink-3">{why}</p>;
  if (count.isPending) return <p className="text-ink-3">Looking for business units…</p>;
  const link = (words: string) => (
    <Link href={unitsPath(connectionId)} prefetch={false} className={buttonClass({})}>
      {words}
    </Link>
  );
  if (count.isError) {
    return (
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 basis-72 text-ink-3">{problemWords(count.error)}</p>
        {link("Business units")}
      </div>
    );
  }
  const { total, toConnect } = count.data;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <p className="min-w-0 flex-1 basis-60" role="status">
        <span className="font-label">{countOfUnits(total)} found</span>
        <span className="text-ink-3">
          {toConnect === 0
            ? ", all connected"
            : `, ${toConnect.toLocaleString("en-US")} not connected by you`}
        </span>
      </p>
      {link(toConnect === 0 ? "Show them" : "Connect more")}
    </div>
  );
}

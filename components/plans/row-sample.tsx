"use client";

import { cellClass, headClass, tableClass } from "#components/plans/change-table.tsx";
import { ROWS_IN_SIGHT, rowsKey } from "#components/plans/inspect-step.ts";
import { OpenFirst, useIsOpened } from "#components/plans/opened.tsx";
import { counted, grouped } from "#components/ui/amounts.ts";
import { cn } from "#components/ui/cn.ts";
import { PlainText } from "#components/ui/plain-text.tsx";
import { ScrollRegion } from "#components/ui/scroll-region.tsx";
import type { Preview } from "#lib/plans/schema.ts";

/** Rows as they would be written or removed: a grid that scrolls sideways, and how many there are in all. */
export function RowSample({
  position,
  rows,
  isRemoval,
}: {
  position: number;
  rows: NonNullable<Preview["rows"]>;
  isRemoval: boolean;
}) {
  const [isOpened, open] = useIsOpened(rowsKey(position));
  const shown = isOpened ? rows.sample : rows.sample.slice(0, ROWS_IN_SIGHT);
  const folded = rows.sample.length - shown.length;
  const unlisted = rows.total - rows.sample.length;
  return (
    <ScrollRegion name={`Rows ${isRemoval ? "removed" : "written"}`} className="mt-2.5 rounded-2">
      <table className={cn(tableClass, "mt-0 table-auto")}>
        <thead>
          <tr>
            {rows.columns.map((column, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns stay in their order
              <th key={index} scope="col" className={cn(headClass, "whitespace-nowrap font-mono")}>
                <PlainText text={column} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows stay in their order
            <tr key={index}>
              {rows.columns.map((_, at) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns stay in their order
                  key={at}
                  className={cn(
                    cellClass,
                    "min-w-24 max-w-80",
                    isRemoval ? "bg-danger-tint text-danger-ink" : "bg-ok-tint text-ok-ink",
                  )}
                >
                  {row[at] === null || row[at] === undefined ? (
                    <span className="text-ink-3">none</span>
                  ) : row[at] === "" ? (
                    <span className="text-ink-3">empty</span>
                  ) : (
                    <PlainText text={row[at]} />
                  )}
                </td>
              ))}
            </tr>
          ))}
          {(folded > 0 || unlisted > 0) && (
            <tr>
              <td colSpan={rows.columns.length} className={cn(cellClass, "text-ink-3")}>
                {folded > 0 && (
                  <>
                    {counted(folded, "more row")} here ·{" "}
                    <button type="button" className="link" onClick={open}>
                      Show them
                    </button>{" "}
                    <OpenFirst isOpened={isOpened} />
                    {unlisted > 0 && " · "}
                  </>
                )}
                {unlisted > 0 && (
                  <>
                    {grouped(rows.sample.length)} of {counted(rows.total, "row")} as a sample; what
                    will be sent holds them all
                  </>
                )}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

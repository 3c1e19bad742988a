"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { type Cell, type ResultShape, textOf } from "#components/explorer/result-shape.ts";
import { isKnownState, StateMark } from "#components/explorer/state-mark.tsx";
import { cn } from "#components/ui/cn.ts";
import { PlainText } from "#components/ui/plain-text.tsx";

const ROW_PX = 30;
const WIDEST_CH = 44;
const LOOKED_AT = 200;
/** Of one line in a row this much is drawn; the JSON has all of it. */
const LONGEST_CELL = 500;

type List = NonNullable<ResultShape["list"]>;
type Order = { column: string; isDown: boolean } | null;

/** Rows of an answer; thousands of them scroll as quickly as ten. */
export function ResultGrid({ list, label }: { list: List; label: string }) {
  const [order, setOrder] = useState<Order>(null);
  const frame = useRef<HTMLDivElement>(null);
  const { columns } = list;
  const rows = useMemo(() => sorted(list.rows, order), [list.rows, order]);
  const template = useMemo(() => widthsOf(list), [list]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const turn = (column: string) =>
    setOrder((now) =>
      now?.column !== column
        ? { column, isDown: false }
        : now.isDown
          ? null
          : { column, isDown: true },
    );
  return (
    <div ref={frame} className="max-h-[32rem] overflow-auto rounded-2 border border-line bg-raised">
      <table aria-label={label} aria-rowcount={rows.length + 1} className="block w-max min-w-full">
        <thead className="sticky top-0 z-10 block bg-sunken">
          <tr
            aria-rowindex={1}
            className="grid border-line border-b"
            style={{ gridTemplateColumns: template }}
          >
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                aria-sort={
                  order?.column === column ? (order.isDown ? "descending" : "ascending") : "none"
                }
                className="min-w-0"
              >
                <button
                  type="button"
                  onClick={() => turn(column)}
                  className="flex w-full min-w-0 items-center gap-1 px-2.5 py-1.5 text-left font-label text-ink-2 text-xs hover:text-ink"
                >
                  <span className="truncate">{column}</span>
                  {order?.column === column &&
                    (order.isDown ? (
                      <ArrowDown aria-hidden className="size-3 shrink-0" />
                    ) : (
                      <ArrowUp aria-hidden className="size-3 shrink-0" />
                    ))}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <tr
              key={item.key}
              aria-rowindex={item.index + 2}
              className="absolute inset-x-0 grid border-line border-b last:border-b-0 hover:bg-hover"
              style={{
                gridTemplateColumns: template,
                height: ROW_PX,
                transform: `translateY(${item.start}px)`,
              }}
            >
              {columns.map((column) => (
                <CellText key={column} column={column} cell={rows[item.index]?.[column]} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CellText({ column, cell }: { column: string; cell: Cell | undefined }) {
  const text = textOf(cell);
  return (
    <td
      title={text.slice(0, LONGEST_CELL)}
      className={cn(
        "nums truncate px-2.5 py-1.5 text-sm",
        typeof cell === "number" && "text-right",
        text === "" && "text-ink-3",
      )}
    >
      {column === "status" && isKnownState(text) ? (
        <StateMark state={text} />
      ) : text === "" ? (
        "–"
      ) : (
        <PlainText text={text.slice(0, LONGEST_CELL)} className="whitespace-nowrap" />
      )}
    </td>
  );
}

/** As wide as what stands in the first rows, within bounds; the same for every row. */
function widthsOf({ columns, rows }: List): string {
  const looked = rows.slice(0, LOOKED_AT);
  return columns
    .map((column, at) => {
      const longest = Math.max(
        column.length + 3,
        ...looked.map((row) => textOf(row[column]).length),
      );
      const wide = `${Math.min(WIDEST_CH, Math.max(7, longest)) + 2}ch`;
      // What room is left stands behind the last one.
      return at === columns.length - 1 ? `minmax(${wide}, 1fr)` : wide;
    })
    .join(" ");
}

function sorted(rows: List["rows"], order: Order): List["rows"] {
  if (order === null) return rows;
  const { column, isDown } = order;
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  const inOrder = rows.toSorted((one, other) =>
    compare(textOf(one[column]), textOf(other[column])),
  );
  return isDown ? inOrder.reverse() : inOrder;
}

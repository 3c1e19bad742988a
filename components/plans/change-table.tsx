"use client";

import { useState } from "react";
import {
  CHANGES_IN_SIGHT,
  changesInSight,
  changesKey,
  foldOf,
} from "#components/plans/inspect-step.ts";
import { useIsOpened } from "#components/plans/opened.tsx";
import { wordDiff } from "#components/plans/word-diff.ts";
import { grouped } from "#components/ui/amounts.ts";
import { cn } from "#components/ui/cn.ts";
import { PlainText } from "#components/ui/plain-text.tsx";
import { shortened } from "#lib/connections/health.ts";
import type { Change, Preview } from "#lib/plans/schema.ts";

/** Shorter values are seen at a glance; in longer ones the words that differ are marked. */
const LONG_VALUE = 48;
/** With all opened, so many rows at once: the page stays quick. */
const ROWS_AT_ONCE = 100;

export const tableClass =
  "mt-2.5 w-full table-fixed overflow-hidden rounded-2 border border-line text-xs [border-collapse:separate] [border-spacing:0]";
export const headClass = "bg-canvas px-2.5 py-[5px] text-left font-label text-2xs text-ink-3";
export const cellClass =
  "nums border-line border-t px-2.5 py-[5px] align-top [overflow-wrap:anywhere]";

/** Fields before and after, one change a row; changes of one record name it once. */
export function ChangeTable({ position, preview }: { position: number; preview: Preview }) {
  const [isOpened, open] = useIsOpened(changesKey(position));
  const [shown, setShown] = useState(ROWS_AT_ONCE);
  const { changes, changesTotal } = preview;
  const fold = foldOf(changes);
  const rows = isOpened ? changes.slice(0, shown) : changesInSight(changes);
  const layout = layoutOf(changes);
  const [first] = changes;
  const unlisted = changesTotal - changes.length;
  const isRemoval = changes.every(({ after }) => after === null);
  const sides = isRemoval ? ["removed"] : ["before", "after"];
  return (
    <table className={tableClass}>
      {layout === "one record" && first !== undefined && (
        <caption className="pb-1 text-left text-ink-2">
          <RecordName change={first} />
        </caption>
      )}
      <thead>
        <tr>
          <th
            scope="col"
            className={cn(headClass, "md:w-[30%]", isRemoval ? "w-[42%]" : "w-[34%]")}
          >
            {layout === "one record"
              ? "Field"
              : layout === "one field"
                ? "Record"
                : "Record, field"}
          </th>
          {sides.map((side) => (
            <th key={side} scope="col" className={headClass}>
              {layout === "one field" && first !== undefined ? (
                <>
                  <PlainText text={first.field} className="font-mono" /> {side}
                </>
              ) : (
                <span className="capitalize">{side}</span>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((change, index) => (
          <ChangeRow
            // biome-ignore lint/suspicious/noArrayIndexKey: what was proposed never changes its order
            key={index}
            change={change}
            namesRecord={layout !== "one record" && !isSameRecord(change, rows[index - 1])}
            namesField={layout !== "one field"}
            isRemoval={isRemoval}
          />
        ))}
        {(fold.hidden > 0 || unlisted > 0) && (
          <tr>
            <td colSpan={1 + sides.length} className={`${cellClass} text-ink-3`}>
              {!isOpened && fold.hidden > 0 && (
                <>
                  {grouped(fold.hidden)} more
                  {fold.same !== null && (
                    <>
                      , all <PlainText text={fold.same.field} className="mono" />
                      {!isRemoval && (
                        <>
                          {" to "}
                          <Value text={fold.same.after} />
                        </>
                      )}
                    </>
                  )}
                  {" · "}
                  <button type="button" className="link" onClick={open}>
                    See every row
                  </button>
                </>
              )}
              {isOpened && shown < changes.length && (
                <button
                  type="button"
                  className="link"
                  onClick={() => setShown((now) => now + ROWS_AT_ONCE)}
                >
                  Show {grouped(Math.min(ROWS_AT_ONCE, changes.length - shown))} more of{" "}
                  {grouped(changes.length)}
                </button>
              )}
              {unlisted > 0 && (
                <span className="block">
                  {grouped(unlisted)} further changes are not listed; what will be sent holds them
                  all.
                </span>
              )}
              {isOpened &&
                shown >= changes.length &&
                unlisted <= 0 &&
                changes.length > CHANGES_IN_SIGHT && <>That is all of them.</>}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Value({ text }: { text: string | null }) {
  return text === null || text === "" ? <span>empty</span> : <PlainText text={text} />;
}

const isSameRecord = (change: Change, other: Change | undefined) =>
  change.subject === other?.subject && change.subjectId === other.subjectId;

/** What all changes share stands once, above them. */
function layoutOf(changes: readonly Change[]): "one record" | "one field" | "both" {
  const [first] = changes;
  if (first === undefined) return "both";
  if (changes.every((change) => isSameRecord(change, first))) return "one record";
  return changes.every(({ field }) => field === first.field) ? "one field" : "both";
}

/** The record as people know it, with the ends of its id; all of the id on hover and in what is sent. */
function RecordName({ change: { subject, subjectId } }: { change: Change }) {
  return (
    <>
      <PlainText text={subject} />
      {subjectId !== null && subjectId !== subject && (
        <span title={subjectId} className="mono ml-1.5 whitespace-nowrap text-ink-3">
          <PlainText text={shortened(subjectId, 6, 4)} className="whitespace-nowrap" />
        </span>
      )}
    </>
  );
}

function ChangeRow({
  change,
  namesRecord,
  namesField,
  isRemoval,
}: {
  change: Change;
  namesRecord: boolean;
  namesField: boolean;
  /** Nothing of any change stays: what was there stands alone. */
  isRemoval: boolean;
}) {
  const { before, after } = change;
  const isLong =
    before !== null && after !== null && Math.max(before.length, after.length) > LONG_VALUE;
  const diff = isLong ? wordDiff(before, after) : null;
  return (
    <tr>
      <th scope="row" className={`${cellClass} text-left font-text`}>
        {namesRecord && (
          <span className="block">
            <RecordName change={change} />
          </span>
        )}
        {namesField && <PlainText text={change.field} className="mono text-ink-2" />}
      </th>
      <td className={`${cellClass} ${isRemoval ? "bg-danger-tint text-danger-ink" : "text-ink-3"}`}>
        {before === null || before === "" ? (
          <span>{before === null ? "none" : "empty"}</span>
        ) : diff ? (
          diff.before.map((part, index) =>
            part.isChanged ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text
              <del key={index} className="bg-danger-tint text-danger-ink">
                <PlainText text={part.text} />
              </del>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text
              <PlainText key={index} text={part.text} />
            ),
          )
        ) : isRemoval ? (
          <PlainText text={before} />
        ) : (
          <del className="decoration-danger-line">
            <PlainText text={before} />
          </del>
        )}
      </td>
      {isRemoval ? null : after === null ? (
        <td className={`${cellClass} bg-danger-tint text-danger-ink`}>removed</td>
      ) : (
        <td className={`${cellClass} bg-ok-tint text-ok-ink`}>
          {after === "" ? (
            "empty"
          ) : diff ? (
            diff.after.map((part, index) =>
              part.isChanged ? (
                <ins
                  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text
                  key={index}
                  className="font-label underline decoration-ok-solid underline-offset-2"
                >
                  <PlainText text={part.text} />
                </ins>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text
                <PlainText key={index} text={part.text} />
              ),
            )
          ) : (
            <PlainText text={after} />
          )}
        </td>
      )}
    </tr>
  );
}

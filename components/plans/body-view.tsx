"use client";

import { useMemo, useState } from "react";
import { bodyKey, bodySize, isLongBody } from "#components/plans/inspect-step.ts";
import { type DiffHunk, hunksOf, lineDiff, linesOf } from "#components/plans/line-diff.ts";
import { OpenFirst, useIsOpened } from "#components/plans/opened.tsx";
import { counted, grouped } from "#components/ui/amounts.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { countOutside, HtmlPreview } from "#components/ui/html-preview.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";
import { ScrollRegion } from "#components/ui/scroll-region.tsx";
import type { Preview } from "#lib/plans/schema.ts";

type Body = Preview["bodies"][number];

/** More lines than this are shown piece by piece. */
const LINES_AT_ONCE = 400;

/** A mail, a definition, a text: folded with its size where it is long, and whole once it is open. */
export function BodyView({
  position,
  index,
  body,
}: {
  position: number;
  index: number;
  body: Body;
}) {
  const [isOpened, open] = useIsOpened(bodyKey(position, index));
  const isLong = isLongBody(body);
  const [isFolded, setIsFolded] = useState(isLong && !isOpened);
  return (
    <section aria-label={body.label} className="mt-2.5 rounded-2 border border-line">
      <div className="flex min-h-9 flex-wrap items-center gap-2 px-2.5 py-1 text-xs">
        <h4 className="font-label text-xs">
          <PlainText text={body.label} />
        </h4>
        <span className="nums text-ink-3">
          {kindWords(body)}
          {bodySize(body)}
          {body.before !== null && body.after === null && ", removed"}
          {body.before === null && ", new"}
        </span>
        {isLong && <OpenFirst isOpened={isOpened} />}
        {isLong && (
          <Button
            size="sm"
            className="ml-auto"
            tone={isOpened ? "quiet" : "act"}
            aria-expanded={!isFolded}
            onClick={() => {
              open();
              setIsFolded((now) => !now);
            }}
          >
            {isFolded ? "Open" : "Fold"}
            <span className="sr-only"> {body.label}</span>
          </Button>
        )}
      </div>
      {!isFolded && <OpenBody body={body} />}
    </section>
  );
}

/** Nothing where its name says it already. */
function kindWords({ kind, label }: Body): string {
  const words = kind.toUpperCase();
  return kind === "text" || label === words ? "" : `${words}, `;
}

function OpenBody({ body }: { body: Body }) {
  const hasPreview = body.kind === "html" && body.after !== null;
  const [view, setView] = useState<"changes" | "look">("changes");
  const lines = useMemo(
    () => lineDiff(split(body.before, body.kind), split(body.after, body.kind)),
    [body],
  );
  const outside = useMemo(
    () => (hasPreview ? countOutside(body.after ?? "") : 0),
    [body, hasPreview],
  );
  return (
    <div className="border-line border-t">
      {hasPreview && (
        <fieldset className="flex gap-1 px-2.5 pt-2">
          <legend className="sr-only">How to show {body.label}</legend>
          {(["changes", "look"] as const).map((each) => (
            <Button
              key={each}
              size="sm"
              tone={view === each ? "act" : "quiet"}
              aria-pressed={view === each}
              onClick={() => setView(each)}
            >
              {each === "changes" ? "Source" : "As it looks"}
            </Button>
          ))}
        </fieldset>
      )}
      {view === "look" ? (
        <div className="grid gap-2 p-2.5">
          <p className="text-ink-3 text-xs">
            Shown without network and scripts.
            {outside > 0 &&
              ` ${counted(outside, "picture or file", "pictures or files")} from elsewhere stay empty.`}
          </p>
          <div className={cn("grid gap-3", body.before !== null && "lg:grid-cols-2")}>
            {body.before !== null && (
              <figure>
                <figcaption className="mb-1 text-2xs text-ink-3">Before</figcaption>
                <HtmlPreview html={body.before} name={`${body.label} before`} />
              </figure>
            )}
            <figure>
              <figcaption className="mb-1 text-2xs text-ink-3">After</figcaption>
              <HtmlPreview html={body.after ?? ""} name={`${body.label} after`} />
            </figure>
          </div>
        </div>
      ) : (
        <SourceDiff lines={lines} isAllNew={body.before === null} />
      )}
    </div>
  );
}

const split = (text: string | null, kind: Body["kind"]) =>
  text === null ? [] : linesOf(text, kind);

function SourceDiff({
  lines,
  isAllNew,
}: {
  lines: ReturnType<typeof lineDiff>;
  isAllNew: boolean;
}) {
  const hunks = useMemo(
    (): DiffHunk[] => (isAllNew ? [{ kind: "lines", lines: [...lines] }] : hunksOf(lines)),
    [lines, isAllNew],
  );
  return (
    <ScrollRegion name="Source" className="mono max-h-[32rem] py-2 leading-[1.125rem]">
      {hunks.map((hunk, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text
        <Hunk key={index} hunk={hunk} isPlain={isAllNew} />
      ))}
    </ScrollRegion>
  );
}

const lineLooks = {
  same: { mark: " ", className: "text-ink-2", said: "" },
  removed: { mark: "−", className: "bg-danger-tint text-danger-ink", said: "Removed: " },
  added: { mark: "+", className: "bg-ok-tint text-ok-ink", said: "Added: " },
} as const;

function Hunk({ hunk, isPlain }: { hunk: DiffHunk; isPlain: boolean }) {
  const [isOpen, setIsOpen] = useState(hunk.kind === "lines");
  const [shown, setShown] = useState(LINES_AT_ONCE);
  if (!isOpen) {
    return (
      <button
        type="button"
        onClick={() => setIsOpen(true)}
        className="block w-full bg-canvas px-2.5 py-0.5 text-left text-ink-3 hover:text-ink"
      >
        {counted(hunk.lines.length, "line")} as before
      </button>
    );
  }
  return (
    <>
      {hunk.lines.slice(0, shown).map((line, index) => {
        const look = lineLooks[isPlain ? "same" : line.kind];
        return (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text
            key={index}
            className={cn("flex gap-2 px-2.5", look.className)}
          >
            <span aria-hidden className="w-2 shrink-0 select-none">
              {look.mark}
            </span>
            <span className="min-w-0">
              {look.said !== "" && <span className="sr-only">{look.said}</span>}
              <PlainText text={line.text} />
            </span>
          </div>
        );
      })}
      {shown < hunk.lines.length && (
        <button
          type="button"
          onClick={() => setShown((now) => now + LINES_AT_ONCE)}
          className="block w-full bg-canvas px-2.5 py-1 text-left text-accent-ink underline"
        >
          Show more: {grouped(hunk.lines.length - shown)} lines left
        </button>
      )}
    </>
  );
}

"use client";

import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { flowOf } from "#components/explorer/flow-of.ts";
import { FlowPicture } from "#components/explorer/flow-picture.tsx";
import { ResultGrid } from "#components/explorer/result-grid.tsx";
import { shapeOf, textOf } from "#components/explorer/result-shape.ts";
import { counted, grouped } from "#components/ui/amounts.ts";
import { Button } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { Help } from "#components/ui/field.tsx";
import { HtmlPreview } from "#components/ui/html-preview.tsx";
import { Facts } from "#components/ui/panel.tsx";
import { PlainText } from "#components/ui/plain-text.tsx";

const LONGEST_FACT = 2_000;
const SHORT_FACT = 40;

type Props = {
  /** For the file's name and the table's label. */
  title: string;
  result: unknown;
  rows: number;
  tookMs: number;
  onMore(next: Record<string, unknown>): void;
  isBusy: boolean;
};

/** What an operation answered: rows or facts, and the JSON behind them. */
export function ResultView({ title, result, rows, tookMs, onMore, isBusy }: Props) {
  const [isRaw, setIsRaw] = useState(false);
  const shape = useMemo(() => shapeOf(result), [result]);
  const flow = useMemo(() => flowOf(result), [result]);
  const html = htmlOf(result);
  const raw = useMemo(() => JSON.stringify(result, null, 2), [result]);
  const { list, next } = shape;
  // What is drawn is not told a second time.
  const told = shape.facts.filter(
    ({ name, value }) =>
      !(flow && typeof value === "object") && !(html !== null && name === "html"),
  );
  // Beside a list the rest is figures: in one line, and nothing where there is none.
  const isShort = ({ value }: (typeof told)[number]) =>
    list !== null && textOf(value).length <= SHORT_FACT;
  const short = told.filter((fact) => isShort(fact) && textOf(fact.value) !== "");
  const facts = told.filter((fact) => !isShort(fact));
  return (
    <section aria-label="Answer" className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <p role="status" className="nums mr-auto font-label text-sm max-md:basis-full">
          {counted(rows, "row")}
          <span className="ml-2 font-normal text-ink-3">{grouped(tookMs)} ms</span>
        </p>
        <Button size="sm" onClick={() => setIsRaw(!isRaw)}>
          {isRaw ? "Show as table" : "Show JSON"}
        </Button>
        <CopyButton value={raw} label="Copy JSON" size="sm" />
        {list && list.rows.length > 0 && (
          <Button size="sm" onClick={() => void saveCsv(title, list)}>
            <Download aria-hidden />
            CSV
          </Button>
        )}
      </div>
      {isRaw ? (
        <textarea
          readOnly
          aria-label="Answer as JSON"
          rows={20}
          value={raw}
          className="mono w-full rounded-2 border border-line bg-sunken p-3 text-ink-2 text-xs"
        />
      ) : (
        <>
          {flow && <FlowPicture flow={flow} />}
          {short.length > 0 && (
            <dl className="flex flex-wrap gap-x-5 gap-y-1 text-xs">
              {short.map(({ name, value }) => (
                <div key={name} className="flex gap-1.5">
                  <dt className="text-ink-3">{name}</dt>
                  <dd className="mono">
                    <PlainText text={textOf(value)} />
                  </dd>
                </div>
              ))}
            </dl>
          )}
          {facts.length > 0 && (
            <Facts
              items={facts.map(({ name, value }) => ({
                name,
                value: <PlainText text={textOf(value).slice(0, LONGEST_FACT) || "–"} />,
                isMono: typeof value !== "string",
              }))}
            />
          )}
          {html !== null && <HtmlPreview html={html} name={`How ${title} looks`} />}
          {list && list.columnsLeftOut > 0 && (
            <Help>
              {list.columnsLeftOut} more {list.columnsLeftOut === 1 ? "column is" : "columns are"}{" "}
              in the JSON.
            </Help>
          )}
          {list &&
            (list.rows.length === 0 ? (
              <p className="rounded-2 border border-line border-dashed p-6 text-center text-ink-3">
                Nothing matches.
              </p>
            ) : (
              <ResultGrid list={list} label={title} />
            ))}
        </>
      )}
      {next !== null && (
        <div>
          <Button isBusy={isBusy} busyLabel="Reading on" onClick={() => onMore(next)}>
            Next page
          </Button>
        </div>
      )}
    </section>
  );
}

/** An e-mail's body, where the answer is about one. */
function htmlOf(result: unknown): string | null {
  const { html } = (result ?? {}) as { html?: unknown };
  return typeof html === "string" && html !== "" ? html : null;
}

/** Cells that a spreadsheet would take for formulas begin with a quote (AUD-6's rule). */
async function saveCsv(title: string, list: { columns: string[]; rows: object[] }): Promise<void> {
  const { stringify } = await import("csv-stringify/browser/esm/sync");
  const csv = stringify(
    list.rows.map((row) =>
      list.columns.map((column) => textOf((row as Record<string, string | null>)[column] ?? null)),
    ),
    { header: true, columns: [...list.columns], escape_formulas: true, bom: true },
  );
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
  link.download = `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

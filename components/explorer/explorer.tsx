"use client";

import { parseAsString, useQueryState } from "nuqs";
import { useMemo, useState } from "react";
import { OperationPanel } from "#components/explorer/operation-panel.tsx";
import { cn } from "#components/ui/cn.ts";
import { EffectBadge } from "#components/ui/effect-badge.tsx";
import { Input } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import type { OperationJson } from "#lib/operations/schema.ts";

type Props = {
  connection: { id: string; name: string };
  operations: readonly OperationJson[];
};

/** Everything that can be done on one connection, by hand. Which operation is open stands in the address. */
export function Explorer({ connection, operations }: Props) {
  const [open, setOpen] = useQueryState(
    "op",
    parseAsString.withOptions({ history: "push", scroll: false }),
  );
  const operation = operations.find(({ id }) => id === open) ?? operations[0];
  return (
    <div className="grid grid-cols-[16rem_minmax(0,1fr)] items-start gap-x-8 gap-y-4 max-md:grid-cols-1">
      <OperationList
        operations={operations}
        openId={operation?.id}
        onOpen={(id) => void setOpen(id)}
      />
      {operation && (
        <OperationPanel key={operation.id} connection={connection} operation={operation} />
      )}
    </div>
  );
}

function OperationList({
  operations,
  openId,
  onOpen,
}: {
  operations: readonly OperationJson[];
  openId: string | undefined;
  onOpen(id: string): void;
}) {
  const [sought, setSought] = useState("");
  const areas = useMemo(() => {
    const words = sought.trim().toLowerCase();
    const found = operations.filter(({ title, area }) =>
      `${area} ${title}`.toLowerCase().includes(words),
    );
    return [...Map.groupBy(found, ({ area }) => area)];
  }, [operations, sought]);
  return (
    <>
      <Select
        aria-label="Operation"
        className="h-9 md:hidden"
        value={openId}
        onChange={(event) => onOpen(event.currentTarget.value)}
      >
        {[...Map.groupBy(operations, ({ area }) => area)].map(([area, of]) => (
          <optgroup key={area} label={area}>
            {of.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
      <nav
        aria-label="Operations"
        className="sticky top-[4.75rem] grid grid-cols-[minmax(0,1fr)] gap-3 max-md:hidden"
      >
        <Input
          type="search"
          data-search="true"
          aria-label="Search operations"
          placeholder="Search operations"
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
        <div className="grid max-h-[calc(100dvh-10rem)] grid-cols-[minmax(0,1fr)] gap-4 overflow-y-auto pb-6">
          {areas.length === 0 && <p className="text-ink-3 text-sm">No operation by that name.</p>}
          {areas.map(([area, of]) => (
            <div key={area}>
              <h3 className="mb-1 px-2 font-label text-ink-3 text-xs">{area}</h3>
              <ul>
                {of.map(({ id, title, effect }) => (
                  <li key={id}>
                    <button
                      type="button"
                      aria-current={id === openId ? "page" : undefined}
                      onClick={() => onOpen(id)}
                      className={cn(
                        "flex w-full items-center gap-2 rounded-2 px-2 py-1 text-left text-sm transition-colors duration-hover hover:bg-hover",
                        id === openId ? "bg-chip font-label text-ink" : "text-ink-2",
                      )}
                    >
                      <span className="min-w-0 flex-1 truncate">{title}</span>
                      {effect !== "read" && <EffectBadge effect={effect} />}
                    </button>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </div>
      </nav>
    </>
  );
}

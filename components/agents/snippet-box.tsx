"use client";

import { useState } from "react";
import type { Snippet } from "#components/agents/snippets.ts";
import { CopyButton } from "#components/ui/copy-field.tsx";

/** Code to paste, one tool at a time. */
export function SnippetBox({
  legend,
  snippets,
}: {
  /** What is chosen among: "MCP client". */
  legend: string;
  snippets: readonly Snippet[];
}) {
  const [tool, setTool] = useState(snippets[0]?.tool ?? "");
  const shown = snippets.find((snippet) => snippet.tool === tool) ?? snippets[0];
  if (shown === undefined) return null;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <fieldset className="min-w-0">
        <legend className="sr-only">{legend}</legend>
        <div className="flex flex-wrap gap-1">
          {snippets.map((snippet) => (
            <label
              key={snippet.tool}
              className="relative inline-flex h-9 cursor-pointer items-center rounded-2 border border-transparent px-2.5 text-ink-2 transition-colors duration-hover hover:bg-hover has-checked:border-line has-checked:bg-chip has-checked:font-label has-checked:text-ink has-focus-visible:shadow-(--focus-ring)"
            >
              <input
                type="radio"
                name={legend}
                className="absolute size-px opacity-0"
                checked={snippet.tool === shown.tool}
                onChange={() => setTool(snippet.tool)}
              />
              {snippet.tool}
            </label>
          ))}
        </div>
      </fieldset>
      {shown.about !== null && (
        <p className="max-w-measure text-pretty text-ink-2">{shown.about}</p>
      )}
      <div className="relative rounded-2 border border-line bg-sunken">
        <section
          aria-label={`Snippet for ${shown.tool}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide snippet scrolls by keyboard too
          tabIndex={0}
          className="overflow-x-auto rounded-2 p-3 pr-12"
        >
          <pre className="mono leading-[1.25rem]">
            <code>{shown.code}</code>
          </pre>
        </section>
        <div className="absolute top-1.5 right-0 rounded-2 bg-sunken pr-1.5">
          <CopyButton
            value={shown.code}
            label={`Copy the snippet for ${shown.tool}`}
            shows="icon"
            tone="quiet"
          />
        </div>
      </div>
    </div>
  );
}

"use client";

import { useState } from "react";
import { KEY_VARIABLE, type SnippetFacts, snippetsFor } from "#components/agents/snippets.ts";
import { CopyButton } from "#components/ui/copy-field.tsx";
import { Field, Help } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";

export type Usable = SnippetFacts & { name: string };

/** How to use the agent from the tools one has: choose the connection, then the tool. */
export function SnippetTabs({ connections }: { connections: readonly Usable[] }) {
  const [chosen, setChosen] = useState(connections[0]?.connectionId ?? "");
  const [tool, setTool] = useState("curl");
  const connection =
    connections.find(({ connectionId }) => connectionId === chosen) ?? connections[0];
  if (connection === undefined) return null;
  const snippets = snippetsFor(connection);
  const shown = snippets.find((snippet) => snippet.tool === tool) ?? snippets[0];
  if (shown === undefined) return null;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        {connections.length > 1 && (
          <Field label="Connection" className="max-w-full">
            <Select
              className="h-9 max-w-full"
              value={connection.connectionId}
              onChange={(event) => setChosen(event.target.value)}
            >
              {connections.map(({ connectionId, name }) => (
                <option key={connectionId} value={connectionId}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <fieldset className="min-w-0">
          <legend className="sr-only">Tool</legend>
          <div className="flex flex-wrap gap-1">
            {snippets.map((snippet) => (
              <label
                key={snippet.tool}
                className="inline-flex h-9 cursor-pointer items-center rounded-2 border border-transparent px-2.5 text-ink-2 transition-colors duration-hover hover:bg-hover has-checked:border-line has-checked:bg-chip has-checked:font-label has-checked:text-ink has-focus-visible:shadow-(--focus-ring)"
              >
                <input
                  type="radio"
                  name="tool"
                  className="absolute size-px opacity-0"
                  checked={snippet.tool === shown.tool}
                  onChange={() => setTool(snippet.tool)}
                />
                {snippet.tool}
              </label>
            ))}
          </div>
        </fieldset>
      </div>
      {shown.about !== null && <p className="text-pretty text-ink-2">{shown.about}</p>}
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
        <CopyButton
          value={shown.code}
          label={`Copy the snippet for ${shown.tool}`}
          shows="icon"
          tone="quiet"
          className="absolute top-1.5 right-1.5 bg-sunken"
        />
      </div>
      <Help>
        The key is read from <code className="mono">{KEY_VARIABLE}</code>: set it where the tool
        runs, and keep it out of files that are shared.
      </Help>
    </div>
  );
}

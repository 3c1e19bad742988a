"use client";

import { useState } from "react";
import { mcpSnippets } from "#components/agents/mcp-snippets.ts";
import { SnippetBox } from "#components/agents/snippet-box.tsx";
import { KEY_VARIABLE, type SnippetFacts, snippetsFor } from "#components/agents/snippets.ts";
import { Field, Help } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";

export type Usable = SnippetFacts & { name: string };

/** How to use the agent: by an MCP client, or from the tools one has, connection by connection. */
export function SnippetTabs({
  studioUrl,
  connections,
}: {
  studioUrl: string;
  connections: readonly Usable[];
}) {
  const [chosen, setChosen] = useState(connections[0]?.connectionId ?? "");
  const connection =
    connections.find(({ connectionId }) => connectionId === chosen) ?? connections[0];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
        <h3 className="font-label text-sm">From an MCP client</h3>
        <SnippetBox legend="MCP client" snippets={mcpSnippets({ studioUrl })} />
      </div>
      {connection !== undefined && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
          <h3 className="font-label text-sm">From a tool you have</h3>
          {connections.length > 1 && (
            <Field label="Connection" className="max-w-full justify-self-start">
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
          <SnippetBox
            key={connection.connectionId}
            legend="Tool"
            snippets={snippetsFor(connection)}
          />
        </div>
      )}
      <Help>
        The key is read from <code className="mono">{KEY_VARIABLE}</code>: set it where the tool
        runs, and keep it out of files that are shared.
      </Help>
    </div>
  );
}

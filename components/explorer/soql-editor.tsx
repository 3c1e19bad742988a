"use client";

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { useQueryClient } from "@tanstack/react-query";
import { type ComponentProps, useCallback } from "react";
import { LazyEditor } from "#components/explorer/lazy-editor.tsx";
import { describeOptions, objectsOptions } from "#components/explorer/queries.ts";
import { type SoqlWanted, soqlWanted } from "#components/explorer/soql-completion.ts";

/** A query editor that knows the org: names of its objects and their fields, by describe. */
export function SoqlEditor({
  connectionId,
  ...rest
}: { connectionId: string } & Omit<ComponentProps<typeof LazyEditor>, "language" | "complete">) {
  const queries = useQueryClient();
  const optionsFor = useCallback(
    async (wanted: SoqlWanted): Promise<Completion[]> => {
      if (wanted.kind === "keywords") {
        return wanted.words.map((label) => ({ label, type: "keyword" }));
      }
      if (wanted.kind === "objects") {
        const objects = await queries.ensureQueryData(objectsOptions(connectionId));
        return objects.map(({ name, label }) => ({
          label: name,
          detail: ` · ${label}`,
          type: "class",
        }));
      }
      let object = await queries.ensureQueryData(describeOptions(connectionId, wanted.object));
      for (const step of wanted.path) {
        const to = object.find(
          ({ relationshipName }) => relationshipName?.toLowerCase() === step.toLowerCase(),
        )?.referenceTo[0];
        if (to === undefined) return [];
        object = await queries.ensureQueryData(describeOptions(connectionId, to));
      }
      return object.flatMap(({ name, label, type, relationshipName }): Completion[] => [
        { label: name, detail: ` · ${label}, ${type}`, type: "property" },
        ...(relationshipName
          ? [{ label: relationshipName, detail: " · goes on", type: "type" }]
          : []),
      ]);
    },
    [queries, connectionId],
  );
  const complete = useCallback(
    async (context: CompletionContext): Promise<CompletionResult | null> => {
      const wanted = soqlWanted(context.state.doc.toString(), context.pos);
      if (wanted === null || (!context.explicit && wanted.from === context.pos)) return null;
      // Without the org's answer words of the language still complete.
      const options = await optionsFor(wanted).catch(() => []);
      return { from: wanted.from, options, validFor: /^[A-Za-z0-9_]*$/ };
    },
    [optionsFor],
  );
  return <LazyEditor {...rest} language="soql" complete={complete} />;
}
